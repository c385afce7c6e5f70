/** Makes anew what is made of the field tables: `npm run bridge:fields`, after a change of protocol/fields.ts. */

import { readFileSync, writeFileSync } from "node:fs";
import { headerText, tablesText } from "./protocol/render-c.js";
import { withFields } from "./protocol/render-pictures.js";

/** This file runs from build/firmware-bridge. */
const folder = new URL("../../firmware-bridge/", import.meta.url);

writeFileSync(new URL("firmware/bridge_fields.h", folder), headerText());
writeFileSync(new URL("firmware/bridge_fields.c", folder), tablesText());
const protocol = new URL("PROTOCOL.md", folder);
writeFileSync(protocol, withFields(readFileSync(protocol, "utf8")));
