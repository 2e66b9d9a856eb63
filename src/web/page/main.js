// main.js -- coming in, and the first screen.
const link = location.hash.match(/^#in=([0-9a-f]{64})$/);

async function enter() {
  if (!link) return;
  history.replaceState(null, "", "/weir/");
  await fetch("/weir/api/enter", {
    method: "POST",
    headers: {"content-type": "application/json"},
    body: JSON.stringify({link: link[1]}),
  });
}

async function start() {
  await enter();
  const answer = await fetch("/weir/api/overview");
  const wait = document.getElementById("wait");
  wait.textContent = answer.ok ? JSON.stringify(await answer.json()) : "closed";
}

start();
