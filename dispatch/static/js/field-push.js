// Being told of a change while the page is closed: offered where this phone and this ward can, off until it is asked for.

const box = document.getElementById('push');

if (box && 'serviceWorker' in navigator && 'PushManager' in window) offer().catch(() => {});

async function offer() {
  const { pushManager } = await navigator.serviceWorker.ready;
  const subscription = await pushManager.getSubscription();
  // another day, another link: the phone that was told yesterday is told today
  if (subscription && box.dataset.on !== 'yes') await tell(box.dataset.url, subscription.toJSON());
  show(Boolean(subscription));
  box.querySelector('[data-push="on"]').addEventListener('click', () => turnOn(pushManager));
  box.querySelector('[data-push="off"]').addEventListener('click', () => turnOff(pushManager));
  box.hidden = false;
}

async function turnOn(pushManager) {
  try {
    await (await pushManager.getSubscription())?.unsubscribe(); // perhaps made with another key
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: box.dataset.key });
    await tell(box.dataset.url, subscription.toJSON());
    show(true);
  } catch {
    box.querySelector('[data-refused]').hidden = false;
  }
}

async function turnOff(pushManager) {
  await (await pushManager.getSubscription())?.unsubscribe();
  show(false);
  await tell(box.dataset.offUrl, {}).catch(() => {}); // the push service says so too, when it is next told something
}

function show(on) {
  box.querySelector('[data-push="on"]').hidden = on;
  for (const part of box.querySelectorAll('[data-push="off"], [data-told]')) part.hidden = !on;
}

async function tell(url, body) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
}
