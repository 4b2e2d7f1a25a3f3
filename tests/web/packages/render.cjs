// node render.cjs PROPS: what a server that uses CommonJS sends.
const React = require("react");
const { renderToString } = require("react-dom/server");
const tree = require("./tree.cjs")(React, require("@aivastark/react"));

process.stdout.write(renderToString(React.createElement(tree, { start: JSON.parse(process.argv[2]) })));
