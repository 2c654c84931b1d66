/** The page begins: styles, then the frame that chooses what to show by the address. */
import { render } from "preact";
import "./tokens.css";
import { Frame } from "./frame";

const place = document.getElementById("page");
if (place) render(<Frame />, place);
