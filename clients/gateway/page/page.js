// The page: who is signed in, which design is looked at, and what keeps both up to date.

import { Asking } from "./asking.js";
import { Design } from "./design.js";
import { say } from "./dom.js";
import { List } from "./list.js";
import { Sending } from "./sending.js";
import { dropToken, keepToken, ownerOf, readToken } from "./session.js";
import { Away, Gateway, Refused } from "./wire.js";

const POLL_MS = 20_000; // a stream that lost something is found out so
const REREAD_MS = 3_000; // after a look that failed
const REST_MS = 60_000; // a tab that nobody looks at for so long lets go of its stream
const $ = (id) => document.getElementById(id);

let token = readToken();
let owner = token && ownerOf(token);
let design = null; // the Design that is looked at
let following = null; // ends the stream
let resting, rereading; // timers
const linked = { stream: "away", reads: true };
const gateway = new Gateway(() => token, () => askToSignIn("Your token is not valid any more. Paste a new one; what you have typed is still there."));
const list = new List(gateway, $("designs"), $("queue"));
const sending = new Sending(gateway, arrived);
const asking = new Asking($("ask"), sending);

// ---------------------------------------------------------------- signing in and out

function askToSignIn(why) {
  unfollow();
  if (why) say($("sign-in-why"), why);
  if (!$("sign-in").open) $("sign-in").showModal();
}

$("sign-in").addEventListener("cancel", (event) => event.preventDefault()); // there is nothing behind it without a token

$("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = $("token").value.trim(), came = ownerOf(given);
  say($("sign-in-trouble"), "");
  if (!came) return say($("sign-in-trouble"), "This is not a token: it has three parts with dots between them.");
  const trial = new Gateway(() => given, () => undefined);
  try {
    await trial.view("my_designs", "?limit=1");
  } catch (error) {
    const words = error.status === 401 ? "This token is not accepted, or it has expired." : error.message;
    return say($("sign-in-trouble"), words);
  }
  $("token").value = "";
  $("sign-in").close();
  become(given, came);
});

$("sign-out").addEventListener("click", () => {
  forget();
  dropToken();
  [token, owner] = [null, null];
  $("person").hidden = true;
  askToSignIn("You are signed out.");
});

function become(given, came) {
  if (owner && owner.account !== came.account) forget();
  [token, owner] = [given, came];
  keepToken(token);
  begin();
}

// Nothing of one person is left for the next.
function forget() {
  sending.clear();
  sessionStorage.clear();
  asking.empty();
  asking.show();
  list.clear();
  close();
  location.hash = "";
}

function begin() {
  say($("name"), owner.name);
  $("person").hidden = false;
  follow();
  sending.go();
  look();
}

function follow() {
  following?.abort();
  following = new AbortController();
  gateway.follow(heard, (stream) => link({ stream }), following.signal);
}

function unfollow() {
  following?.abort();
  following = null;
}

// ---------------------------------------------------------------- what is looked at

function look() {
  if (!token) return;
  const number = Number(new URLSearchParams(location.hash.slice(1)).get("design")) || null;
  document.body.dataset.view = number ? "design" : "list";
  if (design?.number !== number) {
    close();
    if (number) {
      design = new Design(gateway, sending, number);
      $("main").append(design.root);
      design.title.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }
  $("empty").hidden = Boolean(number);
  list.mark(number);
  refresh();
}

function close() {
  design?.close();
  design = null;
  document.title = "hardware_mas";
}

async function refresh(queue = true, open = true) {
  if (!token || $("sign-in").open) return;
  try {
    await Promise.all([list.refresh(), queue && list.refreshQueue(), open && refreshDesign()]);
    list.mark(design?.number ?? null);
    link({ reads: true });
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Away)) throw error;
    if (!error.passing) return; // 401 asks to sign in, and what is refused is refused again
    link({ reads: error.status === 429 });
    clearTimeout(rereading);
    rereading = setTimeout(refresh, REREAD_MS);
  }
}

async function refreshDesign() {
  const shown = design;
  try {
    await shown?.refresh();
  } catch (error) {
    if (error.status === 404 && shown === design) say(shown.trouble, "There is no such design, or it is not yours.");
    else throw error;
  }
}

// ---------------------------------------------------------------- what comes

function heard(kind, data) {
  if (kind === "queue" && Array.isArray(data)) list.showQueue(data);
  else if (kind === "open") refresh();
  else if (kind === "design") data.design === design?.number ? refresh(false) : refresh(false, false);
}

// The page is live while the stream is open and the last look has succeeded.
function link(change) {
  Object.assign(linked, change);
  const live = linked.stream === "live" && linked.reads;
  $("link").dataset.state = live ? "live" : "away";
  say($("link"), live ? "Live" : "Offline: trying again");
}

// What became of a message that was sent.
function arrived({ design: about, text }, { design: begun, error }) {
  asking.show();
  if (error && about === null) asking.refused(text, error.message);
  else if (error && design?.number === about) design.talk.refused(text, error);
  else if (about === null) location.hash = `design=${begun}`;
  refresh(false).then(() => design?.talk.showLeaving());
}

addEventListener("hashchange", () => {
  const given = readToken(), came = given && ownerOf(given);
  if (came && given !== token) become(given, came);
  else look();
});
addEventListener("offline", () => link({ reads: false }));
addEventListener("online", () => refresh());
document.addEventListener("visibilitychange", () => {
  clearTimeout(resting);
  if (document.visibilityState === "hidden") resting = setTimeout(unfollow, REST_MS);
  else if (token && !following && !$("sign-in").open) follow();
  else refresh();
});
setInterval(() => document.visibilityState === "visible" && refresh(), POLL_MS);

if (owner) begin();
else askToSignIn();
