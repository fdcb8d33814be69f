// Unpacks a film and its player, and hands the one to the other. A notebook may run it before it shows the block, and a
// page may have the same block twice.
async id => {
  let host;
  const packed = () => (host = [...document.querySelectorAll("#" + id)].find(each => each.querySelector("[type='text/plain']")))?.querySelector("[type='text/plain']");
  for (let wait = 0; !packed() && wait < 30; wait++) await new Promise(done => setTimeout(done, 100));
  const text = packed();
  if (!text) return;
  text.remove();
  const bytes = Uint8Array.from(atob(text.textContent), letter => letter.charCodeAt(0));
  host.film = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  host.id += "-" + performance.now();
  const script = document.createElement("script");
  script.textContent = "(host=>(" + host.film.js + ")(host,host.film))(document.getElementById('" + host.id + "'))";
  host.append(script);
}
