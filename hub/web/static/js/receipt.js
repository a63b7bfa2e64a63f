// Follow an event's effects: ask for the counts, move the bars, and draw the receipt anew where something changed.
// It stops by itself when nothing is under way any more; the page says the same after a reload without scripts.

const FIRST = 700;
const LONGEST = 15_000;

const receipt = document.getElementById("receipt");
let wait = FIRST;

function move(id, done, total) {
  const bar = document.getElementById(id)?.querySelector("progress");
  if (!bar || !total) return;
  bar.max = total;
  bar.value = done;
}

async function redraw() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.getElementById("receipt");
  if (!drawn) throw new Error("the answer holds no receipt");
  const isInside = receipt.contains(document.activeElement);
  Object.assign(receipt.dataset, drawn.dataset);
  receipt.replaceChildren(...drawn.childNodes);
  if (isInside) document.getElementById("content").focus();
  document.getElementById("receipt-said").textContent = receipt.querySelector(".note-title")?.textContent ?? "";
}

async function follow() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await fetch(receipt.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 404) return;
      const now = await answer.json();
      move("effects", now.done, now.total);
      move("mails", now.mails_done, now.mails);
      const seen = `${now.done}/${now.total}/${now.mails_done}/${now.mails}`;
      if (seen !== receipt.dataset.seen || !now.is_pending) {
        wait = FIRST;
        await redraw();
      }
      if (!now.is_pending) return;
    } catch {
      // The line is broken: what is shown stays true, and the next look may find it mended.
    }
  }
  wait = Math.min(wait * 1.4, LONGEST);
  setTimeout(follow, wait);
}

setTimeout(follow, wait);
