import { Card } from "../../design";
import { useDraft } from "./draft";
import { Amount, Colour, OneOf, OnOff, Words } from "./fields";
import style from "./Widgets.module.css";

const THEMES = { auto: "As the visitor’s device", light: "Light", dark: "Dark" };
const ICONS = { chat: "Speech bubble", question: "Question mark", message: "Letter", headset: "Headset" };
const POSITIONS = { "bottom-right": "Bottom right", "bottom-left": "Bottom left" };

/** Branding and the button that opens the window. */
export function LookTab() {
  const { widget } = useDraft();
  return (
    <>
      <Card title="Brand">
        <Words at="name" label="Name" hint="For you and your team; visitors do not see it." />
        <Words at="branding.title" label="Title of the window" optional />
        <div className={style.pair}>
          <Colour at="branding.colors.primary" label="Main colour" />
          <Colour at="branding.colors.on_primary" label="Words on it" optional />
          <Colour at="branding.colors.background" label="Background" />
          <Colour at="branding.colors.text" label="Text" />
        </div>
        {widget.warnings.map((warning) => (
          <p key={warning.param} className={style.warning}>
            {warning.message}
          </p>
        ))}
        <div className={style.pair}>
          <OneOf at="branding.theme" label="Light or dark" options={THEMES} />
          <Words at="branding.font_family" label="Font" optional placeholder="The device’s own" />
          <Amount at="branding.font_size" label="Text size (px)" min={12} max={20} />
          <Amount at="branding.radius" label="Roundness (px)" min={0} max={32} />
        </div>
        <Words at="branding.logo_url" label="Address of the logo" optional type="url" placeholder="https://example.com/logo.svg" />
        <Words at="branding.avatar_url" label="Address of the bot’s picture" optional type="url" />
        <OnOff at="branding.show_powered_by" label="Say “Powered by Aivastark”" />
      </Card>
      <Card title="Button">
        <div className={style.pair}>
          <OneOf at="launcher.icon" label="Icon" options={ICONS} />
          <OneOf at="launcher.position" label="Place" options={POSITIONS} />
        </div>
        <Words at="launcher.icon_url" label="Address of an icon of your own" optional type="url" />
        <Words at="launcher.label" label="Words beside the icon" optional />
        <div className={style.pair}>
          <Amount at="launcher.size" label="Size (px)" min={44} max={96} />
          <Amount at="launcher.offset_x" label="From the side (px)" min={0} max={200} />
          <Amount at="launcher.offset_y" label="From below (px)" min={0} max={200} />
        </div>
        <OnOff at="launcher.open_on_load" label="Open the window when the page loads" />
      </Card>
    </>
  );
}
