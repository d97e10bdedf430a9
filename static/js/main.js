// @ts-check
// The entry: each import brings one behaviour; the custom elements come to life where the page has them.
import "./elements/live-part.js";
import "./elements/wb-chooser.js";
import "./elements/wb-composer.js";
import "./elements/wb-details.js";
import "./elements/wb-dialog.js";
import "./elements/wb-menu.js";
import "./elements/wb-notices.js";
import "./elements/wb-photo.js";
import "./elements/wb-ring.js";
import "./elements/wb-room-list.js";
import "./elements/wb-timeline.js";
import "./ringing/open.js";
import "./ringing/refresh.js";
import "./ringing/started.js";
import "./confirm.js";
import "./banners.js";
import "./connection.js";
import "./forms.js";
import "./menus.js";
import "./settings.js";
import "./dialog-steps.js";
import { member } from "./lib/page.js";
import { personalise } from "./lib/html.js";
import { live } from "./live.js";
import { outbox } from "./outbox.js";

personalise(document);
if (member) {
  outbox.start();
  live.start();
}
