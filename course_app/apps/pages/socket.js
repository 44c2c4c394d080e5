// A WebSocket that says how it is, and comes back when it was lost.
//
//   const connection = connect("ws/7?room=red", { onText, onState });
//   connection.send("hello");   // false while there is no connection
//   connection.close();         // for good
//
// onText(text) gets each text message. onState(state, text) gets "connecting", "open", "waiting" or "closed", and a
// sentence for people.

// The address is taken from where the page is, so that it is right on any host and port, below any path prefix
// (JupyterHub, a reverse proxy), and over https.
export function socketAddress(path) {
  const address = new URL(path, document.baseURI);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  return address.href;
}

// Seconds to wait before the next attempt: up to twice as long each time, at most 30, and at random, so that a thousand
// clients of a server that restarts do not all come back in the same moment.
export function backoff(attempt, random = Math.random) {
  const longest = Math.min(30, 0.5 * 2 ** attempt);
  return longest * (0.5 + random() / 2);
}

// Codes with which a server says that trying again would be no use: unsupported data, policy violation.
const FINAL = new Set([1003, 1008]);
const STEADY = 5; // seconds that a connection must have lasted before the next loss counts as the first

export function connect(path, { onText = () => {}, onState = () => {} } = {}) {
  let socket, timer, attempt = 0, wanted = true;

  function open() {
    onState("connecting", "Connecting …");
    socket = new WebSocket(socketAddress(path));
    let opened = 0;
    socket.onopen = () => {
      opened = Date.now();
      onState("open", "Connected");
    };
    socket.onmessage = (event) => onText(event.data);
    socket.onclose = ({ code, reason }) => {
      const why = `close code ${code}${reason ? `, “${reason}”` : ""}`;
      if (!wanted || FINAL.has(code)) {
        wanted = false;
        onState("closed", `Disconnected: ${why}`);
        return;
      }
      if (opened && Date.now() - opened > STEADY * 1000) attempt = 0;
      const seconds = backoff(attempt++);
      onState("waiting", `Disconnected: ${why}. Next attempt in ${seconds.toFixed(1)} s`);
      timer = setTimeout(open, seconds * 1000);
    };
  }

  open();
  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    close() {
      wanted = false;
      clearTimeout(timer);
      if (socket.readyState >= WebSocket.CLOSING) onState("closed", "Disconnected");
      else socket.close(1000, "bye");
    },
  };
}
