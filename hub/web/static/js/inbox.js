// The live inbox: the count in the navigation on every page, and the list where it is shown. Without scripts, or
// without the stream, a reload shows the same. Only a window that is looked at holds a stream: browsers allow few
// connections to one host.

const badge = document.getElementById("unread");
const list = document.getElementById("inbox");
let position = list?.dataset.position ?? "";
let source = null;

function open() {
  if (source || document.hidden || !("EventSource" in window)) return;
  source = new EventSource("/inbox/stream" + (position ? `?after=${encodeURIComponent(position)}` : ""));
  source.addEventListener("inbox", (event) => {
    position = event.lastEventId || position;
    take(JSON.parse(event.data));
  });
  // A newer window of the same reader has taken this one's place; looking at this one again takes it back.
  source.addEventListener("moved", close);
}

function close() {
  source?.close();
  source = null;
}

function take(news) {
  if (badge) {
    const [shown, spoken] = badge.children;
    shown.textContent = news.unread.label;
    spoken.textContent = ` ${news.unread.said}`;
    badge.hidden = news.unread.count === 0;
  }
  if (!list) return;
  // Further on in the list, or too far behind, the page stays as it is: its first page, read anew, has everything.
  const added = list.dataset.later ? 0 : news.items.filter(add).length;
  const more = document.getElementById("inbox-more");
  if (more && (news.is_behind || (list.dataset.later && news.items.length))) more.hidden = false;
  if (added) document.getElementById("inbox-said").textContent = news.said;
}

function add(item) {
  if (document.getElementById(`n-${item.event_id}`) || (list.dataset.show === "unread" && item.is_read)) return false;
  const row = document.getElementById("notice").content.firstElementChild.cloneNode(true);
  row.id = `n-${item.event_id}`;
  row.dataset.event = item.event_id;
  row.classList.add("notice-fresh");
  row.querySelector(".notice-time").textContent = item.time;
  row.querySelector(".notice-said").textContent = item.sentence;
  const link = row.querySelector("a");
  link.href = item.href;
  link.firstElementChild.textContent = item.action;
  for (const hidden of row.querySelectorAll("a .visually-hidden, button .visually-hidden")) {
    hidden.textContent = `: ${item.heading}`;
  }
  const form = row.querySelector("form");
  form.action = `/inbox/${item.event_id}/read${form.dataset.query}`;
  // Each form needs a key of its own: the same key would get the first one's answer.
  form.elements._key.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  place(row, dayOf(item).querySelector("ul"), (other) => other.dataset.event);
  list.querySelector(".empty")?.remove();
  return true;
}

function dayOf(item) {
  const known = list.querySelector(`section[data-day="${item.day}"]`);
  if (known) return known;
  const day = document.getElementById("notice-day").content.firstElementChild.cloneNode(true);
  day.dataset.day = item.day;
  const name = day.querySelector("h2");
  name.id = `day-${item.day}`;
  name.textContent = item.day_name;
  day.setAttribute("aria-labelledby", name.id);
  place(day, list, (other) => other.dataset.day);
  return day;
}

// The newest stands first, and ids grow with time: a notification that comes late takes its own place.
function place(node, parent, keyOf) {
  const after = Array.from(parent.children).find((other) => (keyOf(other) ?? "") < keyOf(node));
  parent.insertBefore(node, after ?? null);
}

// Whoever goes on to what a notification is about has read it.
list?.addEventListener("click", (event) => {
  const row = event.target.closest("a.btn")?.closest(".notice-new");
  const form = row?.querySelector("form");
  if (form) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
});

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();
