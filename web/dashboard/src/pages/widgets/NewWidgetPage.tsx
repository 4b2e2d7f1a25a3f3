import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorBeside, take } from "../../api";
import { useProject } from "../../app/project";
import { Button, ErrorNote, Form, FormActions, Page, PageHeader, TextInput } from "../../design";
import { errorOn } from "./draft";
import { LinesInput } from "./fields";
import { widgetsKey } from "./widget";
import style from "./Widgets.module.css";

/** Makes a widget; how it looks comes next. */
export function NewWidgetPage() {
  const { id } = useProject();
  const [name, setName] = useState("");
  const [domains, setDomains] = useState<string[]>([]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/widgets", { params: { path: { project_id: id } }, body: { name, security: { allowed_domains: domains } } })),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: widgetsKey(id) });
      await navigate(`/projects/${id}/widgets/${made.id}`);
    },
  });
  const onDomains = errorOn(make.error, "security.allowed_domains");
  const beside = onDomains === null ? errorBeside(make.error, "name") : null;
  return (
    <Page>
      <PageHeader title="New widget" back={{ to: `/projects/${id}/widgets`, label: "Widgets" }} />
      <div className={style.narrow}>
        <Form onSubmit={() => make.mutate()}>
          <TextInput label="Name" hint="For you and your team; visitors do not see it." value={name} error={errorOn(make.error, "name")} onChange={(event) => setName(event.target.value)} />
          <LinesInput label="Allowed domains" hint="One a line, such as example.com or *.example.com. Without any it works on localhost only." value={domains} error={onDomains} onChange={setDomains} />
          {beside && <ErrorNote error={beside} />}
          <FormActions>
            <Button kind="primary" type="submit" pending={make.isPending}>
              Create widget
            </Button>
          </FormActions>
        </Form>
      </div>
    </Page>
  );
}
