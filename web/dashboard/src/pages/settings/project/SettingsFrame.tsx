import { useCan } from "../../../api";
import { useProject } from "../../../app/project";
import { Frame } from "../shared/Frame";

/** The settings of a project. Keys are seen by those who may make them. */
export function SettingsFrame() {
  const base = `/projects/${useProject().id}/settings`;
  const links = [
    { to: `${base}/general`, label: "General" },
    { to: `${base}/answers`, label: "Answers" },
    { to: `${base}/pinned`, label: "Pinned answers" },
    { to: `${base}/hand-off`, label: "Hand-off" },
    { to: `${base}/privacy`, label: "Privacy" },
    { to: `${base}/models`, label: "Models" },
    { to: `${base}/budget`, label: "Budget" },
    ...(useCan("*") ? [{ to: `${base}/keys`, label: "API keys" }] : []),
    { to: `${base}/webhooks`, label: "Webhooks" },
  ];
  return <Frame label="Settings" links={links} />;
}
