// node render.mjs PROPS: what a server that uses ES modules sends.
import * as aivastark from "@aivastark/react";
import React from "react";
import { renderToString } from "react-dom/server";
import tree from "./tree.cjs";

process.stdout.write(renderToString(React.createElement(tree(React, aivastark), { start: JSON.parse(process.argv[2]) })));
