// Sending recordings: how much is sent, what is too large, files that are dropped.
const form = document.getElementById("ask");

function say(sentence) {
  const line = document.createElement("p");
  line.className = "caution";
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  document.getElementById("problem").replaceChildren(line);
}

function showSent(share) {
  document.getElementById("upload").hidden = share === null;
  document.getElementById("sent").value = share ?? 0;
  document.getElementById("sent-text").textContent = `${Math.round(100 * (share ?? 0))} %`;
}

document.body.addEventListener("htmx:sendError", () => {
  say("The connection to the server was lost; see whether it still runs, and load the page again.");
});

// What takes some seconds says so, and is not asked twice.
document.body.addEventListener("submit", (event) => {
  const sentence = event.target.dataset.wait;
  if (sentence) {
    const line = document.createElement("p");
    line.className = "small";
    line.setAttribute("role", "status");
    line.textContent = sentence;
    event.target.querySelector("button").disabled = true;
    event.target.append(line);
  }
});

if (form) {
  const files = document.getElementById("files");
  const drop = document.getElementById("drop");
  const limit = Number(form.dataset.limit);

  form.addEventListener("htmx:beforeRequest", (event) => {
    const size = [...files.files].reduce((sum, file) => sum + file.size, 0);
    document.getElementById("problem").replaceChildren();
    if (size > limit) {
      event.preventDefault();
      say(`These files have ${Math.ceil(size / 2 ** 20)} MiB, at most ${Math.floor(limit / 2 ** 20)} MiB are taken at once; send fewer files.`);
    }
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    if (event.detail.lengthComputable && event.detail.total > 0) {
      showSent(event.detail.loaded / event.detail.total);
    }
  });
  form.addEventListener("htmx:afterRequest", () => showSent(null));
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      files.files = event.dataTransfer.files;
    }
  });
}
