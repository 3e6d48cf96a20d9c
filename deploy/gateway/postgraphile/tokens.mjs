// Tokens, by the rules of clients/gateway/tokens.py: one key, and the one algorithm that belongs to it.
import { createPublicKey } from "node:crypto";
import { jwtVerify } from "jose";

const LONGEST = 4096; // characters of a token
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

// `verify(token)` gives {account, name} or throws.  Throws at once for a key that is none.
export function verifier(bytes, audience) {
  const { key, algorithm } = keyOf(bytes);
  const rules = { algorithms: [algorithm], audience, requiredClaims: ["sub", "exp", "aud"] };
  return async (token) => {
    if (!token || token.length > LONGEST) throw new Error("no token");
    const { payload } = await jwtVerify(token, key, rules);
    const { sub, name = null, role = "web_user" } = payload;
    if (!text(sub, 200) || (name !== null && name !== "" && !text(name, 100)) || role !== "web_user") {
      throw new Error("these are not the claims of a person");
    }
    return { account: sub, name: name || null };
  };
}

function text(value, longest) {
  return typeof value === "string" && [...value].length <= longest && PRINTABLE.test(value);
}

function keyOf(bytes) {
  const trimmed = bytes.toString("latin1").trim();
  if (!trimmed.startsWith("-----")) {
    if (trimmed.length < 32) throw new Error("the shared secret of tokens has less than 32 bytes");
    return { key: Buffer.from(trimmed, "latin1"), algorithm: "HS256" };
  }
  if (!trimmed.startsWith("-----BEGIN PUBLIC KEY-----")) throw new Error("the key of tokens is no public key in PEM");
  const key = createPublicKey(trimmed);
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) return { key, algorithm: "RS256" };
  if (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1") return { key, algorithm: "ES256" };
  if (key.asymmetricKeyType === "ed25519") return { key, algorithm: "EdDSA" };
  throw new Error("the key of tokens is none of RSA (2048 bits or more), EC on P-256, Ed25519");
}
