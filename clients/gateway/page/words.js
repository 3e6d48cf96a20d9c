// How things are said.

export const STAGES = {
  briefing: "Reading the brief",
  awaiting_user: "Waiting for you",
  designing: "Writing the design script",
  comparing: "Trying candidates",
  building: "Building the board",
  testing: "Testing the board",
  resolved: "Passed",
  failed: "Failed",
  refused: "Out of scope",
  cancelled: "Cancelled",
};
export const WAY = ["briefing", "designing", "building", "testing", "resolved"]; // what a design goes through
export const SHORT = { briefing: "Brief", designing: "Design", building: "Board", testing: "Test", resolved: "Done" };
export const ACTIONS = { approve: "Approve", change: "Change", default: "Take the default", pause: "Pause", resume: "Go on", cancel: "Cancel design" };
export const SENDERS = { user: "You", client_manager: "Client manager", pcb_designer: "Designer", pcb_tester: "Tester", kicad: "KiCad" };
const KINDS = { intent: "Circuit", layout: "Layout", copper: "Copper", drc: "Design rules", spice: "Simulation", heat: "Heat", fabrication: "Fabrication files", script: "Script" };

// Words of users, models and servers without what a screen obeys: controls, turns of direction, invisible marks.
export function plain(words) {
  return String(words ?? "").replace(/[^\P{C}\n]/gu, "");
}

export function stage(state) {
  return STAGES[state] ?? plain(state);
}

export function kind(name) {
  return KINDS[name] ?? plain(name);
}

export function took(seconds) {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function clock(time) {
  const when = new Date(time);
  const today = when.toDateString() === new Date().toDateString();
  return when.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}
