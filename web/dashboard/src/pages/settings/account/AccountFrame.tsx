import { Frame } from "../shared/Frame";

const LINKS = [
  { to: "/account/profile", label: "Profile" },
  { to: "/account/security", label: "Security" },
  { to: "/account/sessions", label: "Sessions" },
];

/** What is one's own, in whatever organisation one acts. */
export function AccountFrame() {
  return <Frame label="Your account" links={LINKS} />;
}
