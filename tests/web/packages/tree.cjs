// One tree for the server and for the browser, whichever React and whichever kind of module it is given.
module.exports = (React, { AivastarkWidget, AivastarkChat, useAivastark }, { onChange, onTold, ref } = {}) => {
  const h = React.createElement;
  const EVENTS = ["onReady", "onOpen", "onClose", "onMessage", "onAnswer", "onUnread", "onError"];

  function State() {
    const { isReady, isOpen, unread } = useAivastark();
    return h("output", null, `${isReady ? "ready" : "waiting"} ${isOpen ? "open" : "closed"} ${unread}`);
  }

  return function Tree({ start }) {
    const [props, setProps] = React.useState(start);
    const { isThere = true, chat = null, ...widget } = props;
    React.useEffect(() => onChange?.((changes) => setProps((before) => ({ ...before, ...changes }))), []);
    const told = Object.fromEntries(EVENTS.map((name) => [name, () => onTold?.(name)]));
    return h(
      React.StrictMode,
      null,
      h(State),
      isThere && h(AivastarkWidget, { ...widget, ...told, ref }),
      chat && h(AivastarkChat, { ...widget, ...chat }),
    );
  };
};
