// An app as someone writes it who read the README; where its install is stands in the address.
import { AivastarkWidget, useAivastark } from "@aivastark/react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const { searchParams } = new URL(location.href);

function Help() {
  const { open, send, isReady, isOpen } = useAivastark();
  return (
    <p>
      <button disabled={!isReady} onClick={open}>
        Help
      </button>
      <button onClick={() => send("When does the shop open?")}>Opening hours</button>
      <output>{isOpen ? "open" : "closed"}</output>
    </p>
  );
}

function App() {
  const [answer, setAnswer] = useState("");
  return (
    <>
      <Help />
      <blockquote>{answer}</blockquote>
      <AivastarkWidget
        embedKey={searchParams.get("key") ?? ""}
        host={searchParams.get("host") ?? ""}
        nonce="of-this-page"
        onAnswer={({ citations }) => setAnswer(citations[0]?.quote ?? "")}
      />
    </>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
