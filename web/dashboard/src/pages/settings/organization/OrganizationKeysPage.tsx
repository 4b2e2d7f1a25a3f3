import { useMe } from "../../../api";
import { organizationKeys } from "../shared/keyHomes";
import { KeysPart } from "../shared/KeysPart";

/** Keys to the whole organisation. */
export function OrganizationKeysPage() {
  return <KeysPart home={organizationKeys(useMe().organization?.id ?? "")} title="Organisation keys" words="With one of these, a program reaches every project of the organisation. Give a program the key of its project where that is enough." />;
}
