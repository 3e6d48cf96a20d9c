# the cloud's metadata address
# ends: refused
# ruff: noqa
import urllib.request

print("BROKEN", urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=1).read())
