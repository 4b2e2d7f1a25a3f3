import { useProject } from "../../../app/project";
import { projectKeys } from "../shared/keyHomes";
import { KeysPart } from "../shared/KeysPart";

/** Keys to this project alone. */
export function ProjectKeysPage() {
  return <KeysPart home={projectKeys(useProject().id)} title="API keys" words="With a key, your own programs use this project and no other." />;
}
