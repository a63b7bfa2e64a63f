// Say the day on which a promise would be due while its working days are typed. The server sends the working days
// ahead and says the same when the form is saved.

const source = document.getElementById("calendar");
const calendar = source ? JSON.parse(source.textContent) : null;
const words = new Intl.DateTimeFormat(document.documentElement.lang, {
  weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC",
});

function dueDay(post, days) {
  const start = calendar.units[post] ?? calendar.first;
  const offset = calendar.offsets[start][days - 1];
  if (offset === undefined) return "";
  return words.format(new Date(Date.parse(`${start}T00:00:00Z`) + offset * 86_400_000));
}

function say(line) {
  const name = line.dataset.due;
  const days = document.getElementById(`${name}-working_days`)?.value.trim() ?? "";
  const day = /^[1-9]\d{0,2}$/.test(days) ? dueDay(document.getElementById(`${name}-owner_post_id`)?.value, Number(days)) : "";
  line.textContent = day ? line.dataset.text.replace("{day}", day) : "";
}

if (calendar) {
  const form = document.getElementById("outcome");
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, (event) => {
      const row = /^(.*-commitments-\d+)-(working_days|owner_post_id)$/.exec(event.target.name ?? "");
      const line = row && form.querySelector(`[data-due="${row[1]}"]`);
      if (line) say(line);
    });
  }
}
