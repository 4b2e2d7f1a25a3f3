// What a reader of the README writes, with types; each line marked so must not pass.
import { AivastarkChat, type AivastarkHandle, AivastarkWidget, useAivastark } from "@aivastark/react";
import { type Handle, load } from "@aivastark/widget";
import { useRef } from "react";

export function App() {
  const handle = useRef<AivastarkHandle>(null);
  const { open, send, unread } = useAivastark();
  const number: number = unread;
  return (
    <>
      <button onClick={open}>{number}</button>
      <button onClick={() => (send("Hello"), handle.current?.identify({ token: "eyJ…" }))} />
      <AivastarkWidget
        ref={handle}
        embedKey="akv_pub_x"
        host="https://chat.example.com"
        identity={{ user_id: "42", user_hash: "9f86" }}
        onAnswer={({ answer, citations }) => console.log(answer, citations[0]?.quote)}
      />
      <AivastarkChat embedKey="akv_pub_x" className="chat" onUnread={(count: number) => console.log(count)} />
      {/* @ts-expect-error Without its key there is no widget. */}
      <AivastarkWidget />
      {/* @ts-expect-error A hash alone proves nobody. */}
      <AivastarkChat embedKey="akv_pub_x" identity={{ user_hash: "9f86" }} />
    </>
  );
}

const loaded: Handle = load({ embedKey: "akv_pub_x", host: "https://chat.example.com" });
loaded.on("status", (status) => console.log(status === "human"));
// @ts-expect-error There is no such event.
loaded.on("nothing", () => undefined);
