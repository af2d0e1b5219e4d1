// The citizen's page while somebody waits at the window: the steps are asked for again, quietly.

const EVERY_MS = 30_000;
const steps = document.getElementById('steps');
const { url, ticket } = steps.dataset;

setInterval(() => document.hidden || ask(), EVERY_MS);
document.addEventListener('visibilitychange', () => document.hidden || ask());

async function ask() {
  try {
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ ticket }) });
    if (!answer.ok) return;
    const html = await answer.text();
    if (steps.innerHTML !== html) steps.innerHTML = html;
  } catch {
    // no network: what is shown says of which minute it is
  }
}
