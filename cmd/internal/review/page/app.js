// The review page. Whatever came from an article is put into text nodes, never
// parsed: h() makes every element here, and it knows no HTML.

const $ = (id) => document.getElementById(id);

function h(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === null || v === undefined || v === false) continue;
    if (k === "onclick" || k === "onchange" || k === "oninput" || k === "onsubmit") e[k] = v;
    else if (k === "class") e.className = v;
    else e.setAttribute(k, v === true ? "" : v);
  }
  e.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false).map((c) => (c instanceof Node ? c : document.createTextNode(String(c)))));
  return e;
}

const fill = (e, ...children) => e.replaceChildren(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
const num = (n) => n.toLocaleString("en");
const pct = (p) => (100 * p).toFixed(p > 0.995 && p < 1 ? 2 : 1).replace(/\.0+$/, "") + " %";

// What cannot be seen is drawn: the same table as Mark in Go.
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufffd\ufe00-\ufe0f\u115f\u1160\u3164\uffa0]/u;
function drawn(ch, spaces) {
  switch (ch) {
    case " ": return spaces ? "␣" : "";
    case "\n": return "⏎";
    case "\t": return "⇥";
  }
  return unseen.test(ch) ? "⟨" + (short[ch] || hex(ch)) + "⟩" : "";
}
const hex = (ch) => ch.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
const short = { "\u00a0": "NBSP", "\u202f": "NNBSP", "\u200b": "ZWSP", "\u200c": "ZWNJ", "\u200d": "ZWJ", "\u00ad": "SHY", "\ufeff": "BOM", "\u200e": "LRM", "\u200f": "RLM" };
const names = { " ": "space", "\n": "line end", "\t": "tab", "\u00a0": "no-break space", "\u200b": "zero width space", "\u00ad": "soft hyphen", "\u202e": "right-to-left override" };

// text gives nodes for a string; in changed text spaces are drawn too. Line ends
// are drawn and still end the line where keep is set.
function text(s, spaces, keep) {
  const out = [];
  let run = "";
  for (const ch of s) {
    const m = drawn(ch, spaces);
    if (!m || (ch === "\n" && keep === "plain")) { run += ch; continue; }
    if (run) out.push(document.createTextNode(run));
    run = "";
    out.push(h("span", { class: "inv", title: names[ch] || "U+" + hex(ch) }, m));
    if (ch === "\n" && keep) run = "\n";
  }
  if (run) out.push(document.createTextNode(run));
  return out;
}

const S = {
  me: null, filter: { status: ["open"] }, view: "groups", order: "work", list: 0, rows: [], lines: 0, kept: 0, line: 0,
  edits: [], all: 0, at: 0, inside: false, detail: null, doc: null, plan: null, planEdit: null, planDone: [], sides: false, original: false,
  seq: 0, since: Date.now(), judged: 0, started: Date.now(), done: new Set(),
};

class Refused extends Error {
  constructor(code, message) { super(message); this.code = code; }
}

async function api(path, body) {
  let r;
  try {
    r = await fetch("api/" + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
  } catch {
    throw new Refused("gone", "the server does not answer; nothing more is saved until it does");
  }
  const out = await r.json().catch(() => ({ error: "the server's reply cannot be read" }));
  if (!r.ok) throw new Refused(out.code, out.error);
  return out;
}

let said = 0;
function say(s) { $("live").textContent = s; clearTimeout(said); said = setTimeout(() => { $("live").textContent = ""; }, 5000); }
let alerted = 0;
function complain(err) {
  $("alert").textContent = err.message || String(err);
  clearTimeout(alerted);
  alerted = setTimeout(() => { $("alert").textContent = ""; }, 9000);
  if (err.code === "session") fill($("detail"), h("p", { class: "empty" }, err.message));
}

// Keys come faster than replies: each act waits for the one before it.
// data-busy on the page counts those under way.
let chain = Promise.resolve(), busy = 1;
function working(n) { busy += n; document.documentElement.dataset.busy = busy; }
function enqueue(f) { working(1); chain = chain.then(f).catch(complain).finally(() => working(-1)); return chain; }

// ---- queue

async function refresh(keepLine) {
  const a = await api("ask", { filter: S.filter, view: S.view, order: S.order });
  Object.assign(S, { list: a.list, rows: a.rows, lines: a.lines, kept: a.kept, seq: a.seq, edits: [], all: 0, at: 0, inside: false, detail: null, doc: null });
  S.done.clear();
  S.line = keepLine ? Math.min(S.line, Math.max(0, S.rows.length - 1)) : 0;
  drawTotals(a);
  drawFacets(a.facets);
  drawChosen();
  drawViews();
  drawLines();
  await openLine();
}

function drawTotals(a) {
  $("totals").textContent = `${num(a.open)} undecided of ${num(a.edits)} edits · ${num(S.lines)} ${S.view === "docs" ? "documents" : S.view}`;
}

// recount brings the numbers up to date when the work rests for a moment; the
// list stays as it is until r.
let resting = 0;
function recount() {
  clearTimeout(resting);
  resting = setTimeout(() => enqueueQuiet(async () => {
    const a = await api("count", { filter: S.filter, view: S.view });
    drawTotals(a);
    if (!$("facets").contains(document.activeElement)) drawFacets(a.facets);
  }), 700);
}

const lineFilter = (l) => {
  const f = { ...S.filter };
  if (S.view === "docs") f.doc = l.doc;
  else if (S.view === "families") { f.rule = [l.group.rule]; f.shape = l.shape; }
  else if (S.view === "edits") return { id: l.id };
  else f.group = l.group;
  return f;
};

async function openLine() {
  const l = S.rows[S.line];
  markLine();
  if (!l) { S.edits = []; drawDetail(); return; }
  const list = S.list;
  const r = await api("edits", { filter: lineFilter(l), limit: 60, lease: S.view === "groups" });
  if (list !== S.list || l !== S.rows[S.line]) return;
  S.edits = r.edits; S.all = r.all; S.at = 0; S.here = r.here; S.doc = null;
  S.since = Date.now();
  await showEdit();
}

const cur = () => (S.plan ? S.planEdit : S.doc ? S.doc.list[S.doc.at] : S.edits[S.at]);
const open = (e) => ["proposed", "applied", "skipped", "flagged", "conflict"].includes(e.status);

async function showEdit() {
  const e = cur();
  S.detail = null;
  S.original = false;
  drawDetail();
  if (!e) return;
  const d = await api("detail", { id: e.id });
  if (cur() && cur().id === d.id) { S.detail = d; drawDetail(); }
}

async function more() {
  if (S.rows.length >= S.kept) return false;
  const l = await api("lines", { list: S.list, from: S.rows.length, limit: 200 });
  S.rows.push(...l);
  drawLines();
  return l.length > 0;
}

async function move(step) {
  if (S.plan) return;
  if (S.doc) {
    const n = S.doc.at + step;
    if (n >= 0 && n < S.doc.list.length) { S.doc.at = n; await showEdit(); }
    return;
  }
  if (S.inside) {
    const n = S.at + step;
    if (n >= 0 && n < S.edits.length) { S.at = n; await showEdit(); return; }
    if (n >= S.edits.length && S.edits.length < S.all) {
      const r = await api("edits", { filter: lineFilter(S.rows[S.line]), from: 0, limit: Math.min(500, S.edits.length + 60) });
      const had = new Set(S.edits.map((e) => e.id));
      S.edits.push(...r.edits.filter((e) => !had.has(e.id)));
      if (n < S.edits.length) { S.at = n; await showEdit(); return; }
    }
  }
  const n = S.line + step;
  if (n >= S.rows.length && !(await more())) return;
  if (n < 0) return;
  S.line = n;
  const inside = S.inside;
  await openLine();
  if (inside && step < 0) { S.at = Math.max(0, S.edits.length - 1); await showEdit(); }
}

async function moveOpen(step) {
  const list = S.doc ? S.doc.list : S.edits;
  for (let i = (S.doc ? S.doc.at : S.at) + step; i >= 0 && i < list.length; i += step) {
    if (open(list[i])) { if (S.doc) S.doc.at = i; else S.at = i; return showEdit(); }
  }
  if (S.doc) return say("no further undecided edit in this article");
  const n = S.line + step;
  if (n < 0 || (n >= S.rows.length && !(await more()))) return say("no further undecided edit");
  S.line = n;
  await openLine();
  if (cur() && !open(cur())) return moveOpen(step);
}

// advance goes to the next undecided edit of the same line, else to the next line.
async function advance() {
  if (S.doc) {
    const n = S.doc.list.findIndex((e, i) => i > S.doc.at && open(e));
    if (n >= 0) { S.doc.at = n; return showEdit(); }
    return drawDetail();
  }
  let n = S.edits.findIndex((e, i) => i > S.at && open(e));
  if (n < 0) n = S.edits.findIndex((e) => open(e) && e.status !== "skipped" && e.status !== "flagged");
  if (n >= 0) { S.at = n; return showEdit(); }
  if (S.edits.length < S.all) { // the rest of a long group: fetch what is still undecided
    const r = await api("edits", { filter: lineFilter(S.rows[S.line]), limit: 60 });
    const had = new Set(S.edits.map((e) => e.id));
    const news = r.edits.filter((e) => !had.has(e.id) && open(e));
    if (news.length) { S.edits.push(...news); S.at = S.edits.length - news.length; return showEdit(); }
  }
  S.done.add(S.rows[S.line] && S.rows[S.line].id);
  markLine();
  if (S.line + 1 < S.rows.length || (await more())) { S.line++; return openLine(); }
  drawDetail();
  say("the end of this list; r shows what is left");
}

// ---- deciding

function put(e) { // an edit as it now stands
  for (const list of [S.edits, S.doc ? S.doc.list : []]) {
    const i = list.findIndex((x) => x.id === e.id);
    if (i >= 0) list[i] = e;
  }
  if (S.doc) for (const p of S.doc.parts) if (p.edit && p.edit.id === e.id) p.edit = e;
  if (S.planEdit && S.planEdit.id === e.id) S.planEdit = e;
}

const verbs = { accept: "accepted", reject: "rejected", change: "changed", skip: "skipped", flag: "flagged" };

async function decide(act, extra) {
  const e = cur();
  if (!e) return;
  if (S.plan) return judge(act, extra);
  const id = (extra && extra.id) || e.id;
  try {
    const r = await api("decide", { id, act, seen: extra && extra.id ? extra.seen : e.version, ms: Date.now() - S.since, ...(extra && { after: extra.after, reason: extra.reason, note: extra.note }) });
    put(r.edit);
    if (id !== e.id) put(await api("detail", { id: e.id }));
    saved(r.result.seq);
    say(r.result.vote ? `noted: ${act} — it stands beside the other answer until a lead settles it` : `${verbs[act]}: ${plainPair(r.edit)}`);
  } catch (err) {
    if (err.code === "changed") { const d = await api("detail", { id }); put(d); S.detail = d; drawDetail(); }
    throw err;
  }
  S.judged++;
  S.since = Date.now();
  if (act === "flag" && extra && extra.stay) return drawDetail();
  await advance();
}

const clip = (s, n) => { const t = [...s]; return t.length > n ? t.slice(0, n).join("") + "…" : s; };
const plainPair = (e) => clip([...e.group.before].map((c) => drawn(c) || c).join(""), 40) + (e.reads === null ? "" : " → " + clip([...e.reads].map((c) => drawn(c) || c).join(""), 40));

function saved(seq) {
  if (seq) S.seq = Math.max(S.seq, seq);
  recount();
  const rate = S.judged > 4 ? ` · you ${Math.round((S.judged / (Date.now() - S.started)) * 3.6e6)}/h` : "";
  $("saved").textContent = "saved " + new Date().toTimeString().slice(0, 8) + rate;
}

function alternatives() {
  const d = S.detail;
  if (!d) return [];
  const out = [];
  for (const r of d.rivals) if (r.group.after !== null) out.push({ text: r.group.after, before: r.group.before, conf: r.conf, rule: r.group.rule, id: r.id, seen: r.version });
  for (const a of d.alts) if (!out.some((o) => o.text === a.after && o.before === d.group.before)) out.push({ text: a.after, conf: a.conf });
  return out.slice(0, 9);
}

async function undo() {
  const r = await api("undo", { by: S.me.name, last: true });
  if (!r.did && !r.seq) return say("nothing of yours to undo");
  saved(r.seq);
  if (S.plan) {
    const last = S.planDone.pop();
    if (last) {
      const s = await api("judge", { plan: S.plan.id, id: last, act: "forget" });
      S.plan = s.plan;
      S.planEdit = await api("detail", { id: last });
      S.detail = S.planEdit;
      drawPlan();
      drawDetail();
    }
  } else await reload();
  say(r.did > 1 ? `undone: row ${r.undoing.join(", ")}, ${num(r.did)} edits` : "undone");
}

// reload fetches again what is on the screen.
async function reload() {
  const ids = [...S.edits, ...(S.doc ? S.doc.list : [])].map((e) => e.id).slice(0, 100);
  const r = await api("sync", { since: S.seq, ids });
  for (const e of Object.values(r.views)) put(e);
  S.seq = r.seq;
  // After an undo the edit that came back is where the work goes on.
  const e = cur();
  if (e && S.detail) S.detail = await api("detail", { id: e.id });
  markLine();
  drawDetail();
}

// ---- accept by sample

function startPlan() {
  const l = S.rows[S.line];
  if (!l && !S.doc) return;
  const f = S.doc ? { ...S.filter, doc: S.doc.doc } : lineFilter(l);
  const claim = h("select", { id: "claim" }, ...[0.95, 0.98, 0.99, 0.995, 0.999].map((c) => h("option", { value: c, selected: c === 0.99 }, `at least ${pct(c)} right`)));
  const allow = h("select", { id: "allow" }, ...[0, 1, 2].map((n) => h("option", { value: n }, n === 0 ? "none wrong" : `${n} wrong at most`)));
  dialog("Accept by sample", h("form", { method: "dialog", onsubmit: (ev) => { ev.preventDefault(); close(); enqueue(() => beginPlan(f, Number(claim.value), Number(allow.value))); } },
    h("p", {}, "You look at the oddest edits first, then at a sample drawn at random. If it holds, the rest is accepted without a look, and the decision says on what it rests."),
    h("p", { class: "text" }, pairNodes(l.group)),
    h("div", { class: "row" }, h("label", {}, "Claim ", claim), h("label", {}, "Sample may have ", allow), h("span", { class: "quiet" }, "95 % sure; fixed before the first look")),
    h("div", { class: "row" }, h("button", { class: "strong" }, "Draw the sample"), h("button", { type: "button", onclick: close }, "Cancel"))));
  $("dialog").querySelector(".strong").focus(); // Enter draws; the claim is there for those who want another
}

async function beginPlan(filter, claim, allow) {
  S.planFilter = filter;
  S.planDone = [];
  S.planClaim = [claim, allow];
  S.plan = await api("plan", { filter, claim, allow });
  await nextOfPlan();
}

async function nextOfPlan() {
  S.since = Date.now();
  S.planEdit = S.plan.next ? await api("detail", { id: S.plan.next }) : null;
  S.detail = S.planEdit;
  drawPlan();
  drawDetail();
}

async function judge(act, extra) {
  if (!["accept", "reject", "change"].includes(act)) return say("in a sample every edit is right (a), wrong (x) or corrected (c)");
  const e = S.planEdit;
  if (!e) return;
  const r = await api("judge", { plan: S.plan.id, id: e.id, act, seen: e.version, after: extra && extra.after, ms: Date.now() - S.since });
  S.judged++;
  saved(r.result.seq);
  S.planDone.push(e.id);
  S.plan = r.plan;
  await nextOfPlan();
}

async function takeRest() {
  const r = await api("take", { plan: S.plan.id });
  saved(r.seq);
  const left = Object.entries(r.left || {}).map(([why, n]) => `${n} left: ${why}`).join("; ");
  say(`${num(r.did)} accepted, ${S.plan.text}${left ? " · " + left : ""}`);
  stopPlan(true);
}

function stopPlan(quiet) {
  S.plan = S.planEdit = null;
  $("plan").hidden = true;
  if (!quiet) say("stopped; what you judged is kept");
  enqueue(() => refresh(true));
}

function drawPlan() {
  const p = S.plan, e = $("plan");
  e.hidden = !p;
  if (!p) return;
  const rest = p.members - p.seen;
  fill(e,
    h("span", { class: "claim" }, `Accept ${num(p.members)} edits?`),
    h("span", {}, `claim: ≥ ${pct(p.claim)} right (${pct(p.sure)} sure), needs ${p.need} judged, ${p.allow || "none"} wrong${p.attempt > 1 ? `, attempt ${p.attempt}` : ""}`),
    h("progress", { max: p.odd + p.need, value: p.odd_seen + p.seen, "aria-label": "judged" }),
    h("span", {}, p.is_odd ? `odd ones first: ${p.odd_seen + 1} of ${p.odd} (not counted)` : `${p.seen} seen, ${p.wrong} wrong → ≥ ${pct(p.bound)}`),
    p.failed && h("strong", {}, "more wrong than the plan allows: it cannot be accepted as one"),
    p.splits.slice(0, 3).map((s) => h("button", { type: "button", onclick: () => enqueue(() => beginPlan({ ...S.planFilter, except: [...(S.planFilter.except || []), s.feature] }, ...S.planClaim)) }, s.text)),
    p.ready && !p.next && h("button", { type: "button", class: "strong", onclick: () => enqueue(takeRest) }, `Accept the other ${num(rest)} `, h("kbd", {}, "Enter")),
    h("button", { type: "button", onclick: () => stopPlan() }, "Stop, keep what I judged ", h("kbd", {}, "Esc")),
    Object.entries(p.left || {}).map(([why, n]) => h("span", { class: "quiet" }, `${num(n)} not part of it: ${why}`)));
}

async function rejectGroup() {
  const l = S.rows[S.line];
  if (!l) return;
  const filter = S.doc ? { ...S.filter, doc: S.doc.doc } : lineFilter(l);
  const r = await api("bulk", { filter, act: "reject" });
  if (!r.n) return say("nothing undecided here");
  const yes = h("button", { class: "strong" }, `Reject ${num(r.n)}`);
  dialog("Reject the group", h("form", { method: "dialog", onsubmit: (ev) => { ev.preventDefault(); close(); enqueue(async () => {
    const done = await api("bulk", { filter, act: "reject", digest: r.digest });
    saved(done.result.seq);
    say(`${num(done.result.did)} rejected; u undoes it`);
    S.done.add(l.id);
    await openSame();
  }); } }, h("p", { class: "text" }, pairNodes(l.group)), h("p", {}, `${num(r.n)} undecided edits under this filter. Nothing in the text changes for those not applied; applied ones go back to the original.`),
    h("div", { class: "row" }, yes, h("button", { type: "button", onclick: close }, "Cancel"))));
  yes.focus();
}

async function openSame() {
  markLine();
  if (S.line + 1 < S.rows.length) S.line++;
  await openLine();
}

// ---- drawing

function pairNodes(g, pieces) {
  if (pieces) {
    const cut = (s) => (s.length > 30 ? s.slice(0, 12) + " … " + s.slice(-12) : s);
    return pieceNodes(pieces.map((p) => ({ op: p.op, text: p.op === "=" ? cut(p.text) : clip(p.text, 80) })));
  }
  const spaces = g.before.length < 48;
  if (g.before === "" && g.after) return [h("span", { class: "quiet" }, "comes in: "), ...text(g.after, true)];
  return [...text(g.before, spaces), h("span", { class: "quiet" }, g.after === null ? " → ?" : g.after === "" ? " → taken away" : " → "), ...(g.after ? text(g.after, spaces) : [])];
}

function drawLines() {
  const views = { groups: (l) => pairNodes(l.group, l.pieces), edits: (l) => pairNodes(l.group, l.pieces), families: (l) => [h("span", {}, l.shape.slice(0, 200)), h("span", { class: "quiet" }, "  such as "), ...pairNodes(l.group, l.pieces)], docs: (l) => [...text(l.doc)] };
  fill($("lines"), S.rows.length === 0 && h("li", { class: "empty" }, "Nothing under this filter. r refreshes; Esc in the filter takes it away."), S.rows.map((l, i) => h("li", {
    role: "option", id: "line" + i, "aria-selected": i === S.line ? "true" : "false", onclick: () => { S.line = i; S.inside = false; enqueue(openLine); },
  }, h("div", { class: "pair" }, views[S.view](l)), h("div", { class: "small" },
    S.view !== "docs" && h("span", {}, l.group.rule),
    h("span", {}, `${num(l.n)} edit${l.n === 1 ? "" : "s"}` + (S.view === "docs" ? "" : `, ${num(l.docs)} doc${l.docs === 1 ? "" : "s"}`)),
    h("span", {}, l.min === l.max ? pct(l.min) : `${pct(l.min)}–${pct(l.max)}`),
    l.here && h("span", { class: "badge warn" }, `${l.here} is here`)))));
  markLine();
}

function markLine() {
  for (const [i, li] of [...$("lines").children].entries()) {
    const on = i === S.line;
    if ((li.getAttribute("aria-selected") === "true") !== on) li.setAttribute("aria-selected", on);
    if (S.rows[i]) li.classList.toggle("done", S.done.has(S.rows[i].id));
    if (on) li.scrollIntoView({ block: "nearest" });
  }
  $("lines").setAttribute("aria-activedescendant", "line" + S.line);
}

const without = { not_rule: "without rule" };
const facetNames = { status: "Status", rule: "Rule", family: "Family", tier: "Tier", conf: "Confidence", origin: "Origin", place: "Place", domain: "Source" };
const placeNames = { quote: "in a quotation", headline: "headline", url: "web address", plain: "running text" };

function drawFacets(facets) {
  fill($("facetlist"), Object.entries(facetNames).map(([name, title]) => {
    const values = facets[name] || [];
    if (!values.length) return null;
    const top = Math.max(1, ...values.map((v) => v.n));
    return h("fieldset", {}, h("legend", {}, title), name === "status" && h("button", { type: "button", class: "value", "aria-pressed": String((S.filter.status || [])[0] === "open"), onclick: () => choose(() => { S.filter.status = (S.filter.status || [])[0] === "open" ? [] : ["open"]; }) }, h("span", { "aria-hidden": "true" }, (S.filter.status || [])[0] === "open" ? "☑" : "☐"), h("span", {}, "all undecided"), h("span", {})),
      values.map((v) => {
        const on = name === "conf" ? S.filter.conf_min === range(v.value)[0] && (S.filter.conf_max || 1) === range(v.value)[1] : v.on && !(name === "status" && S.filter.status[0] === "open");
        return h("button", { type: "button", class: "value", "aria-pressed": String(on), onclick: () => choose(() => toggle(name, v.value, on)) },
          h("span", { "aria-hidden": "true" }, on ? "☑" : "☐"), h("span", {}, name === "place" ? placeNames[v.value] : name === "conf" ? v.value.replace("-", "–") : v.value.split("/").flatMap((t, i) => (i ? ["/", h("wbr"), t] : [t]))), h("span", { class: "n" }, num(v.n)), share(v.n / top));
      }));
  }));
}

function share(p) { // the style attribute is barred by the page's policy, the property is not
  const i = h("i", {});
  i.style.width = `${Math.round(100 * p)}%`;
  return h("span", { class: "share", "aria-hidden": "true" }, i);
}

const range = (s) => s.split("-").map(Number);

function toggle(name, value, on) {
  if (name === "conf") {
    delete S.filter.conf_min; delete S.filter.conf_max;
    if (!on) [S.filter.conf_min, S.filter.conf_max] = range(value);
    return;
  }
  let list = (S.filter[name] || []).filter((v) => v !== "open");
  list = on ? list.filter((v) => v !== value) : [...list, value];
  S.filter[name] = list;
}

function choose(f) { f(); enqueue(() => refresh()); }

function drawChosen() {
  const out = [];
  const drop = (label, f) => out.push(h("button", { type: "button", "aria-label": "take away: " + label, onclick: () => choose(f) }, "✕ ", label));
  for (const [k, v] of Object.entries(S.filter)) {
    if (k === "status" && v[0] === "open") continue;
    if (Array.isArray(v) && typeof v[0] !== "object") for (const x of v) drop(`${facetNames[k] || without[k] || k}: ${x}`, () => { S.filter[k] = v.filter((y) => y !== x); });
    else if (k === "text") drop(`text: ${v}`, () => delete S.filter.text);
    else if (k === "group") drop(`group: ${clip(v.before, 30)}`, () => delete S.filter.group);
    else if (k === "conf_min" && v) drop(`confidence ≥ ${pct(v)}`, () => { delete S.filter.conf_min; });
    else if (k === "conf_max" && v && v < 1) drop(`confidence ≤ ${pct(v)}`, () => { delete S.filter.conf_max; });
    else if (k === "doc") drop(`document: ${clip(v, 40)}`, () => delete S.filter.doc);
  }
  fill($("chosen"), out);
}

function drawViews() {
  fill($("views"), [["groups", "groups"], ["edits", "edits"], ["families", "families"], ["docs", "documents"]].map(([v, name]) => h("button", { type: "button", "aria-pressed": String(S.view === v), onclick: () => setView(v) }, name)));
  fill($("order"), [["work", "work saved"], ["doubt", "doubtful first"], ["rare", "rare rules first"], ["size", "largest"], ["conf", "surest"], ["text", "by text"]].map(([v, name]) => h("option", { value: v, selected: S.order === v }, name)));
}

function setView(v) { S.view = v; enqueue(() => refresh()); }

function pieceNodes(pieces, side) {
  return pieces.map((p) => {
    if (p.op === "=") return h("span", {}, text(p.text, false, true));
    if (p.op === "-") return side === "new" ? null : h("del", { role: "deletion" }, text(p.text, true, true));
    return side === "old" ? null : h("ins", { role: "insertion" }, text(p.text, true, true));
  });
}

function contextual(e, side) {
  const shown = side === "original" ? text(e.group.before, true, true) : pieceNodes(e.pieces, side);
  const changes = shown.some((n) => n && (n.tagName === "INS" || n.tagName === "DEL")); // a suggestion must hold one
  return h("p", { class: "text" }, h("span", { class: "context" }, e.left ? [e.left.length > 60 ? "…" : "", ...text(e.left, false, true)] : ""),
    h("span", { class: "edit", role: changes ? "suggestion" : null, "aria-label": changes ? e.label : null }, shown),
    h("span", { class: "context" }, e.right ? [...text(e.right, false, true), e.right.length > 60 ? "…" : ""] : ""));
}

function actButtons(e) {
  const b = (label, key, f, strong) => h("button", { type: "button", onclick: f }, label, " ", h("kbd", {}, key));
  return h("div", { class: "acts" }, b("Accept", "a", () => enqueue(() => decide("accept"))), b("Reject", "x", () => enqueue(() => decide("reject"))), b("Change…", "c", change),
    !S.plan && b("Skip", "space", () => enqueue(() => decide("skip"))), !S.plan && b("Flag", "f", () => enqueue(() => decide("flag"))),
    !S.plan && b("Never again…", "N", () => enqueue(never)), !S.plan && b("Accept group…", "A", startPlan), !S.plan && b("Reject group…", "X", () => enqueue(rejectGroup)), !S.doc && b("Article", "D", () => enqueue(showDoc)));
}

function drawDetail() {
  const e = cur();
  const box = $("detail");
  if (S.plan && !e) {
    return fill(box, h("div", { class: "card" }, h("h2", {}, S.plan.failed ? "The sample found too many wrong ones" : "The sample is judged"), h("p", {}, S.plan.text),
      h("p", { class: "quiet" }, S.plan.failed ? "Put the wrong kind aside with a split below, or stop: what you judged is kept." : "Enter accepts the rest, Esc leaves it.")));
  }
  if (!e) return fill(box, h("p", { class: "empty" }, S.rows.length ? "Nothing undecided in this line." : "All done here. Take a filter away, or press r."));
  if (S.doc) return drawDoc(box);
  const d = S.detail && S.detail.id === e.id ? S.detail : null;
  const alts = alternatives();
  fill(box,
    h("div", { class: "badges" }, h("span", { class: "status " + e.status }, e.status), e.by && h("span", { class: "badge" }, "by " + e.by),
      h("span", { class: "badge" }, e.group.rule), h("span", { class: "badge" }, pct(e.conf)), h("span", { class: "badge" }, e.tier), h("span", { class: "badge" + (e.origin === "source" ? " warn" : "") }, e.origin === "source" ? "the publisher's own" : e.origin),
      e.places.map((p) => h("span", { class: "badge warn" }, placeNames[p])), e.applied && h("span", { class: "badge" }, "applied by copydesk"), e.copies > 1 && h("span", { class: "badge" }, `${e.copies} copies of this text`),
      S.here && !S.plan && h("span", { class: "badge warn" }, `${S.here} is at this group`)),
    (e.group.before.length < 80 || e.status === "changed") && h("p", { class: "big" }, pairNodes(e.group), e.status === "changed" && [h("span", { class: "quiet" }, " — typed: "), ...text(e.reads, true)]),
    h("div", { class: "card" + (open(e) ? "" : " decided") },
      S.original ? [h("h3", { class: "quiet" }, "original"), contextual(e, "original")] : S.sides ? h("div", { class: "sides" }, h("div", {}, h("h3", {}, "original"), contextual(e, "old")), h("div", {}, h("h3", {}, e.status === "changed" ? "as typed" : "repaired"), contextual(e, "new"))) : contextual(e),
      !e.has_text && h("p", { class: "quiet small" }, "The article's text is not here: start with --docs to see the surroundings."),
      h("p", { class: "small" }, h("span", {}, e.doc), e.domain && h("span", {}, e.domain), e.field !== "text" && h("span", {}, e.field))),
    e.votes.map((v) => h("p", { class: "badge warn" }, `${v.by} says ${v.act}; ${e.by ? e.by + " decided otherwise" : "nobody confirmed it yet"}. A lead settles by deciding.`)),
    actButtons(e),
    h("div", { class: "cols" },
      h("section", { "aria-label": "Evidence" }, h("h3", {}, "Evidence"), d ? h("ul", { class: "plainlist" }, d.why.length ? d.why.map((w) => h("li", {}, ...text(w))) : h("li", { class: "quiet" }, "none logged")) : h("p", { class: "quiet" }, "…")),
      alts.length > 0 && h("section", { "aria-label": "Alternatives" }, h("h3", {}, "Alternatives"), h("ul", { class: "plainlist" }, alts.map((a, i) => h("li", {}, h("button", { type: "button", onclick: () => enqueue(() => take(i)) }, h("kbd", {}, String(i + 1)), h("span", { class: "text" }, a.text === "" ? "(taken away)" : text(a.text, true)), h("span", { class: "quiet" }, `${pct(a.conf)}${a.rule ? " · " + a.rule : ""}`)))))),
      d && d.history.length > 0 && h("section", { "aria-label": "History of this edit" }, h("h3", {}, "History"), h("ul", { class: "plainlist" }, d.history.map((r) => h("li", { class: r.undone ? "quiet" : "" }, `${when(r.at)} ${r.by}: ${r.vote || r.act}${r.basis && r.basis !== "seen" ? ` (${r.basis})` : ""}${r.count > 1 ? `, ${num(r.count)} edits` : ""}${r.undone ? " — undone" : ""}${r.note ? " — " + r.note : ""}${r.reason ? " — " + r.reason : ""}`))))),
    !S.plan && S.edits.length > 1 && h("section", { "aria-label": "Edits of this line" }, h("h3", {}, `${num(S.all)} edits here`, h("span", { class: "quiet" }, S.inside ? " — j k move among them, Esc goes back" : " — Enter goes in")),
      h("ul", { class: "members", tabindex: "0", "aria-label": "Edits of this line" }, S.edits.map((m, i) => h("li", { "aria-current": i === S.at ? "true" : null, class: open(m) ? "" : "decided", onclick: () => { S.at = i; S.inside = true; enqueue(showEdit); } },
        !open(m) && h("span", { class: "status " + m.status }, m.status + " "), h("span", { class: "context" }, text(m.left.slice(-45))), h("span", { class: "edit" }, pieceNodes(m.pieces)), h("span", { class: "context" }, text(m.right.slice(0, 45))), h("span", { class: "small" }, pct(m.conf) + (S.view === "groups" ? "" : " · " + m.group.rule)))))));
  const li = box.querySelector(".members [aria-current=true]");
  if (li) li.parentElement.scrollTop = S.inside ? li.offsetTop - li.parentElement.offsetTop - 60 : 0;
  if (S.shown !== e.id) box.scrollTop = 0; // a new edit begins at its top
  S.shown = e.id;
}

const when = (at) => (at || "").slice(0, 16).replace("T", " ");

async function showDoc() {
  const e = cur();
  if (!e || S.plan) return;
  const d = await api("doc", { id: e.id });
  d.list = d.parts.filter((p) => p.edit).map((p) => p.edit);
  d.at = Math.max(0, d.list.findIndex((x) => x.id === e.id));
  S.doc = d;
  S.original = false;
  await showEdit();
  $("detail").scrollIntoView({ block: "nearest" });
}

function drawDoc(box) {
  const d = S.doc, e = cur();
  fill(box, h("div", { class: "badges" }, h("button", { type: "button", onclick: () => { S.doc = null; enqueue(showEdit); } }, "Back ", h("kbd", {}, "Esc")), h("button", { type: "button", "aria-pressed": String(S.original), onclick: () => { S.original = !S.original; drawDetail(); } }, S.original ? "Original" : "Repaired", " ", h("kbd", {}, "o")),
    h("strong", {}, d.doc), d.domain && h("span", { class: "badge" }, d.domain), d.damage.map((s) => h("span", { class: "badge" }, `${s.process} ${pct(s.p)}`))),
  h("div", { class: "badges" }, h("span", { class: "status " + e.status }, e.status), h("span", { class: "badge" }, `edit ${d.at + 1} of ${d.list.length}`), h("span", { class: "badge" }, e.group.rule), h("span", { class: "badge" }, pct(e.conf)), S.detail && h("span", { class: "quiet" }, S.detail.why.join(" · "))),
  actButtons(e),
  !d.has_text && h("p", { class: "quiet" }, "The article's text is not here: start with --docs."),
  h("article", { class: "article text" }, d.parts.map((p) => {
    if (!p.edit) return d.has_text ? text(p.text, false, "plain") : " … ";
    const i = d.list.findIndex((x) => x.id === p.edit.id);
    const m = p.edit;
    const shown = S.original ? text(m.group.before, false, true) : m.reads === null && !open(m) ? text(m.group.before, false, true) : pieceNodes(m.pieces);
    return [h("button", { type: "button", class: "e", "aria-current": i === d.at ? "true" : null, onclick: () => { d.at = i; enqueue(showEdit); } }, shown, h("sup", {}, `${p.n}${{ accepted: "✓", rejected: "✗", changed: "✎", flagged: "⚑", skipped: "…", conflict: "⚡" }[m.status] || ""}`), h("span", { class: "unseen" }, ` ${m.label}`)), d.has_text ? null : " … "];
  })),
  d.others.length > 0 && h("section", {}, h("h3", {}, "Also proposed for the same places"), h("ul", { class: "plainlist" }, d.others.map((o) => h("li", {}, ...pairNodes(o.group), h("span", { class: "small" }, `${o.group.rule} · ${pct(o.conf)} · ${o.status}`))))));
  const on = box.querySelector(".e[aria-current=true]");
  if (on) on.scrollIntoView({ block: "center" });
}

// ---- dialogs

function dialog(title, ...body) {
  const d = $("dialog");
  fill(d, h("h2", { id: "dialoghead" }, title), body);
  d.setAttribute("aria-labelledby", "dialoghead");
  if (!d.open) d.showModal();
}
function close() { $("dialog").close(); $("dialog").replaceChildren(); $("lines").focus({ preventScroll: true }); }

function change() {
  const e = cur();
  if (!e) return;
  const box = h("textarea", { id: "typed", rows: 3, "aria-label": "What the place is to read" });
  box.value = e.reads !== null ? e.reads : e.group.after !== null ? e.group.after : e.group.before;
  dialog("Change: what is this place to read?", h("form", { method: "dialog", onsubmit: (ev) => { ev.preventDefault(); const after = box.value; close(); enqueue(() => decide("change", { after })); } },
    h("p", { class: "text" }, h("span", { class: "context" }, text(e.left)), h("span", { class: "edit" }, text(e.group.before, true)), h("span", { class: "context" }, text(e.right))),
    box, h("div", { class: "row" }, h("button", { class: "strong" }, "Save ", h("kbd", {}, "Enter")), h("button", { type: "button", onclick: close }, "Cancel ", h("kbd", {}, "Esc")), h("span", { class: "quiet" }, "Shift+Enter starts a new line"))));
  box.onkeydown = (ev) => { if (ev.key === "Enter" && !ev.shiftKey) { ev.preventDefault(); box.form.requestSubmit(); } };
  box.focus();
  box.select();
}

function note() {
  const e = cur();
  if (!e || S.plan) return;
  const box = h("input", { type: "text", id: "note", maxlength: 500, "aria-label": "Note" });
  dialog("Flag with a note", h("form", { method: "dialog", onsubmit: (ev) => { ev.preventDefault(); const note = box.value; close(); enqueue(() => decide("flag", { note })); } }, box, h("div", { class: "row" }, h("button", { class: "strong" }, "Flag"), h("button", { type: "button", onclick: close }, "Cancel"))));
  box.focus();
}

async function never() {
  const e = cur();
  if (!e || S.plan) return;
  const label = { edit: "this edit", document: "this repair in this document", source: `this repair in this source${e.domain ? ` (${e.domain})` : ""}`, group: "this repair everywhere", rule: `the whole rule ${e.group.rule}` };
  const counts = await Promise.all(S.me.scopes.map((scope) => api("never", { id: e.id, scope, preview: true }).then((r) => r.did, () => -1)));
  const go = (scope) => { close(); enqueue(async () => { const r = await api("never", { id: e.id, scope, reason: "" }); saved(r.seq); say(`never again: ${label[scope]}; ${num(r.did)} rejected, and any that later imports bring; u undoes it`); await reload(); await advance(); }); };
  const word = h("input", { type: "text", id: "word", "aria-label": "Word" });
  word.value = e.group.before.replace(/^[\s.,;:!?"“”‘’()]+|[\s.,;:!?"“”‘’()]+$/gu, "");
  const suggest = h("input", { type: "checkbox", id: "suggest" });
  const add = h("button", { type: "button", onclick: () => { const w = word.value; const s = suggest.checked; close(); enqueue(async () => { const r = await api("word", { word: w, suggest: s }); saved(r.seq); say(`“${w}” is a word now; ${num(r.did)} edits rejected`); await reload(); await advance(); }); } }, "Add the word");
  dialog("Never again", h("div", { class: "stack" }, h("p", { class: "text" }, pairNodes(e.group)),
    S.me.scopes.map((s, i) => h("button", { type: "button", class: "choice", disabled: counts[i] < 0, "data-n": i + 1, onclick: () => go(s) }, h("kbd", {}, String(i + 1)), h("span", {}, label[s]), h("span", { class: "n" }, counts[i] < 0 ? "no source is known" : `removes ${num(counts[i])} undecided edit${counts[i] === 1 ? "" : "s"}`))),
    h("fieldset", {}, h("legend", {}, "Or add to the dictionary"), h("div", { class: "row" }, word, h("label", {}, suggest, " may also be suggested as a repair"), add)),
    h("p", { class: "quiet" }, "Later imports are treated likewise. Every one of these can be undone in the history."),
    h("div", {}, h("button", { type: "button", onclick: close }, "Cancel ", h("kbd", {}, "Esc")))));
  $("dialog").querySelector(".choice:not(:disabled)").focus();
}

function search() {
  const box = h("input", { type: "text", id: "find", autocomplete: "off", "aria-label": "Search rules, groups, words, sources", "aria-controls": "found" });
  const list = h("div", { class: "stack", id: "found", role: "list" });
  let hits = [], at = -1, last = 0;
  const use = (f) => { close(); choose(() => { if (f.kind === "rule") S.filter.rule = [f.text]; else if (f.kind === "domain") S.filter.domain = [f.text]; else if (f.kind === "group") S.filter.group = f.group; else S.filter.text = f.text; }); };
  const draw = () => fill(list, hits.map((f, i) => h("div", { role: "listitem" }, h("button", { type: "button", class: "choice", "aria-pressed": String(i === at), onclick: () => use(f) }, h("span", { class: "badge" }, f.kind === "domain" ? "source" : f.kind), h("span", {}, [...f.text].map((c, n) => (f.marks.includes(n) ? h("mark", {}, drawn(c) || c) : drawn(c) || c)))))));
  const run = async () => { const n = ++last; const r = await api("search", { text: box.value }); if (n === last) { hits = r; at = -1; draw(); } };
  box.oninput = () => { working(1); run().catch(complain).finally(() => working(-1)); };
  dialog("Search", h("form", { method: "dialog", onsubmit: (ev) => { ev.preventDefault(); if (at >= 0) use(hits[at]); else if (box.value) use({ kind: "text", text: box.value }); else { close(); choose(() => { delete S.filter.text; }); } } },
    box, h("p", { class: "quiet" }, "Letters in order find rules, sources and groups; Enter without a choice keeps what contains the text.")), list);
  box.onkeydown = (ev) => {
    if (ev.key === "ArrowDown" || ev.key === "ArrowUp") { ev.preventDefault(); at = Math.max(-1, Math.min(hits.length - 1, at + (ev.key === "ArrowDown" ? 1 : -1))); draw(); }
  };
  box.focus();
}

async function history() {
  const rows = await api("history", {});
  const by = h("input", { type: "text", id: "by", "aria-label": "By whom", placeholder: "person" }), rule = h("input", { type: "text", id: "byrule", "aria-label": "Rule", placeholder: "rule" }), since = h("input", { type: "datetime-local", id: "since", "aria-label": "Since" });
  const out = h("p", {});
  const ask = () => ({ by: by.value, rule: rule.value, ...(since.value && { since: new Date(since.value).toISOString() }) });
  const look = h("button", { type: "button", onclick: () => enqueue(async () => {
    if (!by.value && !rule.value && !since.value) { out.textContent = "Name a person, a rule or a time."; return; }
    const q = ask();
    const r = await api("undo", { ...q, preview: true });
    fill(out, `${num((r.undoing || []).length)} decisions on ${num(r.did)} edits would be taken back. `, Object.entries(r.left || {}).map(([why, n]) => `${n} ${why}. `).join(""), r.undoing && r.undoing.length > 0 && h("button", { type: "button", class: "strong", onclick: () => { close(); enqueue(async () => { const d = await api("undo", q); saved(d.seq); say(`${num(d.did)} edits are as before`); await refresh(true); }); } }, "Take them back"));
  }) }, "Preview");
  dialog("History", h("div", { class: "stack" }, h("fieldset", {}, h("legend", {}, "Undo all that fits"), h("div", { class: "row" }, by, rule, since, look), out),
    h("table", {}, h("thead", {}, h("tr", {}, ["#", "when", "who", "what", "edits", "on what", "undo"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, rows.map((r) => h("tr", { class: r.undone ? "quiet" : "" }, h("td", { class: "n" }, r.seq), h("td", {}, when(r.at)), h("td", {}, r.by), h("td", {}, r.act === "undo" ? `undo of ${r.of}` : r.vote ? `says ${r.vote}` : r.act, r.never ? ` · never again (${r.never.scope})` : ""), h("td", { class: "n" }, num(r.count)), h("td", {}, [r.basis, r.sample && `${r.sample.n} seen, ${r.sample.wrong} wrong, ≥ ${pct(r.sample.bound)}`, r.reason, r.note].filter(Boolean).join(" · ")), h("td", {}, r.undone ? "undone" : h("button", { type: "button", onclick: () => { close(); enqueue(async () => { const d = await api("undo", { of: r.seq }); saved(d.seq); say(`row ${r.seq} is undone`); await refresh(true); }); } }, "Undo")))))),
    h("div", {}, h("button", { type: "button", onclick: close }, "Close ", h("kbd", {}, "Esc")))));
}

async function rules() {
  const list = await api("rules", {});
  const stand = (r, state) => enqueue(async () => { await api("standing", { rule: r.rule, state }); S.me = await api("me", {}); say(`${r.rule}: ${state}`); await rules(); });
  dialog("Rules", h("div", { class: "stack" }, h("p", { class: "quiet" }, "Accepted of those that a person looked at, with the 95 % interval. Below 90 % after 50 looks a rule should go on probation; with 598 looks and none wrong it may be promoted."),
    h("table", {}, h("thead", {}, h("tr", {}, ["rule", "proposed", "applied", "seen", "accepted", "changed", "rejected", "by sample", "right", "confidence said → found", "by month", "standing"].map((t, i) => h("th", { scope: "col", class: i > 0 && i < 8 ? "n" : "" }, t)))),
      h("tbody", {}, list.map((r) => h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", onclick: () => { close(); choose(() => { S.filter.rule = [r.rule]; }); } }, r.rule)), [r.proposed, r.applied, r.seen, r.accepted, r.changed, r.rejected, r.sampled].map((n) => h("td", { class: "n" }, num(n))),
        h("td", {}, r.seen ? `${pct(r.share)} (${pct(r.low)}–${pct(r.high)})` : "—"),
        h("td", {}, r.bins.map((b) => h("div", {}, `${pct(b.said)} → ${pct(b.accepted / b.seen)} of ${b.seen}`))),
        h("td", {}, r.trend.map((b) => h("div", {}, `${b.name}: ${pct(b.accepted / b.seen)} of ${b.seen}`))),
        h("td", {}, r.standing.state && r.standing.state !== "none" ? h("div", {}, `${r.standing.state} (${r.standing.who})`, " ", h("button", { type: "button", onclick: () => stand(r, "none") }, "lift")) : null, r.advice && h("button", { type: "button", onclick: () => stand(r, r.advice === "promote" ? "promoted" : "probation") }, r.advice === "promote" ? "Promote" : "Put on probation"), !r.advice && (r.standing.state || "none") === "none" && S.me.role === "lead" && h("button", { type: "button", onclick: () => stand(r, "probation") }, "Probation")))))),
    h("div", {}, h("button", { type: "button", onclick: close }, "Close ", h("kbd", {}, "Esc")))));
}

const keyName = (k) => ({ " ": "space", ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" }[k] || k);

function help() {
  const off = h("input", { type: "checkbox", id: "keysoff" });
  off.checked = localStorage.getItem("keys") === "off";
  off.onchange = () => { localStorage.setItem("keys", off.checked ? "off" : "on"); drawKeys(); };
  dialog("Keys", h("div", { class: "stack" }, h("table", {}, h("tbody", {}, S.me.keys.filter((b) => b.do !== "quit").map((b) => h("tr", {}, h("td", {}, (b.keys.length > 4 ? [b.keys[0], "…", b.keys.at(-1)] : b.keys).map((k) => (k === "…" ? "–" : h("kbd", {}, keyName(k)))).flatMap((k) => [k, " "])), h("td", {}, b.help))))),
    h("label", {}, off, " turn the single-letter keys off"), h("p", { class: "quiet" }, "Other keys: copydesk serve --keys FILE. There is nothing to save: every decision is on the disk before the next edit is shown."),
    S.me.role === "lead" && inviting(), h("div", {}, h("button", { type: "button", onclick: close }, "Close ", h("kbd", {}, "Esc")))));
}

function inviting() {
  const name = h("input", { type: "text", id: "guest", "aria-label": "Name", placeholder: "name" }), role = h("select", { id: "guestrole", "aria-label": "Role" }, ["propose", "decide", "bulk", "lead"].map((r) => h("option", { value: r }, r))), out = h("code", {});
  return h("fieldset", {}, h("legend", {}, "Invite a colleague"), h("div", { class: "row" }, name, role, h("button", { type: "button", onclick: () => enqueue(async () => { const r = await api("invite", { name: name.value, role: role.value }); out.textContent = location.origin + r.link; }) }, "Make a link")), h("p", {}, out));
}

function drawKeys() {
  const off = localStorage.getItem("keys") === "off";
  const show = ["accept", "reject", "change", "skip", "undo", "accept-group", "reject-group", "never", "flag", "next", "previous", "document", "original", "search", "refresh", "help"];
  const brief = { accept: "accept", reject: "reject", change: "change", skip: "skip", undo: "undo", "accept-group": "accept group", "reject-group": "reject group", never: "never again", flag: "flag", next: "next", previous: "previous", document: "article", original: "original", search: "search", refresh: "refresh", help: "all keys" };
  fill($("keys"), off ? "single keys are off (Keys turns them on)" : show.map((d) => { const b = S.me.keys.find((k) => k.do === d); return b && b.keys.length ? h("span", {}, h("kbd", {}, keyName(b.keys[0])), " ", brief[d]) : null; }));
}

// ---- keys

async function take(i) {
  const a = alternatives()[i];
  if (!a) return say(`there is no alternative ${i + 1}`);
  if (a.id && !S.plan) return decide("accept", { id: a.id, seen: a.seen });
  return decide("change", { after: a.text });
}

const floors = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99];
function floor(step) {
  const i = floors.findIndex((f) => f >= (S.filter.conf_min || 0));
  const n = Math.max(0, Math.min(floors.length - 1, (i < 0 ? 0 : i) + step));
  choose(() => { if (floors[n]) S.filter.conf_min = floors[n]; else delete S.filter.conf_min; });
  say(`confidence from ${pct(floors[n])}`);
}

const acts = {
  accept: () => enqueue(() => decide("accept")),
  reject: () => enqueue(() => decide("reject")),
  skip: () => enqueue(() => decide("skip")),
  flag: () => enqueue(() => decide("flag")),
  change, note,
  alternative: (key) => enqueue(() => take(Number(key) - 1)),
  undo: () => enqueue(undo),
  history: () => enqueue(history),
  "accept-group": () => (S.plan ? null : startPlan()),
  "reject-group": () => (S.plan ? null : enqueue(rejectGroup)),
  never: () => enqueue(never),
  next: () => enqueue(() => move(1)),
  previous: () => enqueue(() => move(-1)),
  "next-open": () => enqueue(() => moveOpen(1)),
  "previous-open": () => enqueue(() => moveOpen(-1)),
  enter: () => { if (S.plan) { if (S.plan.ready && !S.plan.next) enqueue(takeRest); } else if (!S.doc) { S.inside = true; drawDetail(); } },
  leave: () => { if (S.plan) stopPlan(); else if (S.doc) { S.doc = null; enqueue(showEdit); } else { S.inside = false; drawDetail(); } },
  groups: () => setView("groups"),
  edits: () => setView("edits"),
  families: () => setView("families"),
  document: () => { if (S.doc) acts.leave(); else enqueue(showDoc); },
  diff: () => { S.sides = !S.sides; drawDetail(); say(S.sides ? "side by side" : "inline"); },
  original: () => { S.original = !S.original; drawDetail(); say(S.original ? "original" : "repaired"); },
  search, help,
  "floor-up": () => floor(1),
  "floor-down": () => floor(-1),
  refresh: () => enqueue(() => refresh(true)),
  rules: () => enqueue(rules),
};

document.addEventListener("keydown", (ev) => {
  if (ev.key === "s" && (ev.ctrlKey || ev.metaKey)) { ev.preventDefault(); return say("nothing to save: every decision is on the disk already"); }
  if (ev.ctrlKey || ev.metaKey || ev.altKey || !S.me) return;
  if ($("dialog").open) {
    const pick = !/^(INPUT|TEXTAREA|SELECT)$/.test(ev.target.tagName) && $("dialog").querySelector(`[data-n="${CSS.escape(ev.key)}"]:not(:disabled)`);
    if (pick) { ev.preventDefault(); pick.click(); }
    return;
  }
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(ev.target.tagName)) return;
  if (ev.target.closest("button, a, summary") && (ev.key === "Enter" || ev.key === " ")) return;
  const b = S.me.keys.find((k) => k.keys.includes(ev.key));
  if (!b || !acts[b.do]) return;
  if (localStorage.getItem("keys") === "off" && ev.key.length === 1) return;
  ev.preventDefault();
  acts[b.do](ev.key);
});

document.addEventListener("click", (ev) => {
  const b = ev.target.closest("[data-do]");
  if (b) acts[b.dataset.do]();
});
// The event comes late: another dialog may be open by then.
$("dialog").addEventListener("close", () => { if (!$("dialog").open) { $("dialog").replaceChildren(); $("lines").focus({ preventScroll: true }); } });
$("order").onchange = (ev) => { S.order = ev.target.value; enqueue(() => refresh()); };
$("theme").onclick = () => { const dark = matchMedia("(prefers-color-scheme: dark)").matches; const now = document.documentElement.classList.contains("dark") || (dark && !document.documentElement.classList.contains("light")); setTheme(now ? "light" : "dark"); };
function setTheme(t) { document.documentElement.className = t || ""; if (t) localStorage.setItem("theme", t); const on = t === "dark" || (!t && matchMedia("(prefers-color-scheme: dark)").matches); $("theme").setAttribute("aria-pressed", String(on)); }

// ---- start

async function sync() {
  if (!S.me || document.hidden) return;
  const r = await api("sync", { since: S.seq, ids: S.edits.slice(0, 60).map((e) => e.id) });
  const others = r.people.filter((p) => p !== S.me.name);
  $("people").textContent = others.length ? "also here: " + others.join(", ") : "";
  if (r.news.length) say(`${r.news[0].by}: ${r.news[0].vote || r.news[0].act}, ${num(r.news[0].count)} edit${r.news[0].count === 1 ? "" : "s"}${r.news.length > 1 ? ` and ${r.news.length - 1} more` : ""}`);
  S.seq = r.seq;
  let changed = false;
  for (const e of S.edits) { const v = r.views[e.id]; if (v && (v.version !== e.version || v.status !== e.status)) { put(v); changed = true; } }
  if (changed && !$("dialog").open) drawDetail();
}

async function start() {
  setTheme(localStorage.getItem("theme"));
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    history_replace();
    await api("login", { token }).catch((err) => { if (err.code !== "token") throw err; });
  }
  S.me = await api("me", {});
  document.title = `copydesk review · ${S.me.name}`;
  if (innerWidth < 960) $("facets").removeAttribute("open");
  drawKeys();
  const p = S.me.probation || [];
  if (p.length) { S.filter.not_rule = p; say(`on probation, so not in this queue: ${p.join(", ")}`); }
  await refresh();
  $("lines").focus({ preventScroll: true });
  setInterval(() => enqueueQuiet(sync), 4000);
  working(-1);
}
function enqueueQuiet(f) { chain = chain.then(f).catch(() => {}); }
function history_replace() { window.history.replaceState(null, "", location.pathname); }

start().catch((err) => { complain(err); fill($("detail"), h("p", { class: "empty" }, err.message)); });
