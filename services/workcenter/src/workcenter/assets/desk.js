// How far an upload is: <form data-upload> with a <progress hidden>; without this script the form is sent all the same.
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    const bar = form.querySelector("progress");
    const button = form.querySelector("button");
    event.preventDefault();
    button.disabled = true;
    bar.hidden = false;
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (sent) => {
      if (sent.lengthComputable) bar.value = sent.loaded / sent.total;
    });
    // the page that the form leads to tells what became of it; where it leads nowhere, nothing was taken
    const failed = `${location.pathname}?note=refused-upload`;
    request.addEventListener("load", () => {
      location.assign(request.responseURL === form.action ? failed : request.responseURL);
    });
    request.addEventListener("error", () => { location.assign(failed); });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
  });
}
