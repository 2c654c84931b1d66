/** The page begins: styles, who is here, then the frame that chooses what to show by the address. */
import { render } from "preact";
import "./tokens.css";
import { Frame } from "./frame";
import { followHelpKeys } from "./help";
import { told } from "./installation";
import { listen } from "./live";
import { followLinks } from "./route";
import { begin } from "./session";

const place = document.getElementById("page");
if (place) {
  if (told.installation !== "real") void import("./api/checking");
  followLinks();
  followHelpKeys();
  await begin();
  listen();
  render(<Frame />, place);
}
