// Who is signed in: a token in this tab's storage, gone when the tab is closed.

const KEY = "mas.token";

// The token of the address (#token=…), taken out of it at once, or the one of before.  What another person has left
// in this tab, their drafts and what they were sending, goes.
export function readToken() {
  const said = new URLSearchParams(location.hash.slice(1));
  const given = said.get("token");
  if (given) {
    said.delete("token");
    if (ownerOf(given)?.account !== ownerOf(sessionStorage.getItem(KEY) ?? "")?.account) sessionStorage.clear();
    history.replaceState(null, "", `${location.pathname}#${said}`);
    sessionStorage.setItem(KEY, given);
  }
  return sessionStorage.getItem(KEY);
}

export function keepToken(token) {
  sessionStorage.setItem(KEY, token);
}

export function dropToken() {
  sessionStorage.removeItem(KEY);
}

// What a token says of its owner, for showing alone: {account, name}; null when it is no token.
export function ownerOf(token) {
  try {
    const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return { account: String(claims.sub), name: String(claims.name ?? claims.sub) };
  } catch {
    return null;
  }
}
