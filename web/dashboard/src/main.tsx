import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { applyTheme, storedTheme } from "./app/theme";
import "./design/tokens.css";
import "./design/base.css";

applyTheme(storedTheme());
const place = document.getElementById("app");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
