import { Download } from "lucide-react";

import { useProject } from "../../../app/project";
import { Button, Card } from "../../../design";
import style from "../shared/Settings.module.css";

/** The whole project as a file, which `ImportDialog` takes here or elsewhere. */
export function ExportProject() {
  const { id } = useProject();
  const download = () => {
    const link = document.createElement("a");
    link.href = `/v1/projects/${id}/export`;
    link.download = "";
    link.click();
  };
  return (
    <Card title="Export project">
      <p className={style.words}>Its settings, knowledge, conversations, leads and widgets as one archive, to keep or to import elsewhere. Secrets, such as keys, stay here. The audit log says who exported it.</p>
      <div>
        <Button icon={Download} onClick={download}>
          Download archive
        </Button>
      </div>
    </Card>
  );
}
