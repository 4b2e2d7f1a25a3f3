// The browser's half: takes up what the server sent, and lets a test change its props and hear what was told.
import * as aivastark from "@aivastark/react";
import React from "react";
import { hydrateRoot } from "react-dom/client";
import tree from "./tree.cjs";

window.told = [];
window.handle = React.createRef();
const Tree = tree(React, aivastark, {
  onChange: (change) => (window.change = change),
  onTold: (name) => window.told.push(name),
  ref: window.handle,
});
window.root = hydrateRoot(
  document.getElementById("root"),
  React.createElement(Tree, { start: JSON.parse(document.getElementById("start").textContent) }),
  { onRecoverableError: (error) => console.error(`not taken up: ${error}`) },
);
