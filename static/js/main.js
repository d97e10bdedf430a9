// @ts-check
// The entry: each part brings one behaviour; the custom elements come to life where the page has them.
import { personalise } from "./lib/html.js";
import { member, text } from "./lib/page.js";
import { followDays } from "./lib/times.js";
import { live } from "./live.js";
import { outbox } from "./outbox.js";

// Asked for one by one, so that a part that fails takes no other along.
const parts = [
  import("./elements/live-part.js"),
  import("./elements/wb-chooser.js"),
  import("./elements/wb-composer.js"),
  import("./elements/wb-details.js"),
  import("./elements/wb-dialog.js"),
  import("./elements/wb-menu.js"),
  import("./elements/wb-notices.js"),
  import("./elements/wb-photo.js"),
  import("./elements/wb-ring.js"),
  import("./elements/wb-room-list.js"),
  import("./elements/wb-timeline.js"),
  import("./ringing/open.js"),
  import("./ringing/refresh.js"),
  import("./ringing/started.js"),
  import("./confirm.js"),
  import("./banners.js"),
  import("./connection.js"),
  import("./forms.js"),
  import("./menus.js"),
  import("./room-gone.js"),
  import("./settings.js"),
  import("./dialog-steps.js"),
];
const failed = (await Promise.allSettled(parts)).filter(({ status }) => status === "rejected");
personalise(document);
followDays();
if (member) {
  outbox.start();
  live.start();
}
if (failed.length) sayFailed();
for (const { reason } of /** @type {PromiseRejectedResult[]} */ (failed)) reportError(reason);

// Without any part of the product, any of which may be what failed.
function sayFailed() {
  const note = document.createElement("p");
  note.className = "toast";
  note.setAttribute("role", "alert");
  note.textContent = text("part_failed");
  document.getElementById("toasts")?.append(note);
}
