// Unpacks a film and its player, once, and hands the one to the other.
async id => {
  const host = document.getElementById(id);
  const packed = host?.querySelector("script[type='text/plain']");
  if (!packed) return;
  const bytes = Uint8Array.from(atob(packed.textContent), letter => letter.charCodeAt(0));
  packed.remove();
  host.film = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  const script = document.createElement("script");
  script.textContent = "(" + host.film.js + ")(" + JSON.stringify(id) + ")";
  host.append(script);
}
