import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take } from "../../api";
import { Button, Card, ErrorNote, Form, FormActions, TextInput, useToast } from "../../design";
import { CommonFields, type Common } from "./CommonFields";
import style from "./Knowledge.module.css";
import { listed, pathOf, sourceKey, sourcesKey, type Source } from "./source";
import { useSource } from "./useSource";

/** What a source is called, its tags and how often it is read. */
export function SettingsPart() {
  const source = useSource();
  return <Settings key={source.id} source={source} />;
}

function Settings({ source }: { source: Source }) {
  const [title, setTitle] = useState(source.title ?? "");
  const [externalId, setExternalId] = useState(source.external_id ?? "");
  const [common, setCommon] = useState<Common>({ tags: source.tags.join(", "), refresh: source.refresh_interval === null ? "" : String(source.refresh_interval) });
  const client = useQueryClient();
  const toast = useToast();
  const hasOrigin = source.type !== "raw" && source.type !== "file";
  const body = {
    title: title.trim() === "" ? null : title.trim(),
    external_id: externalId.trim() === "" ? null : externalId.trim(),
    tags: listed(common.tags),
    refresh_interval: common.refresh === "" ? null : Number(common.refresh),
  };
  const save = useMutation({
    mutationFn: () => take<Source>(api.PATCH("/v1/projects/{project_id}/sources/{source_id}", { params: { path: pathOf(source) }, body })),
    onSuccess: async (now) => {
      client.setQueryData(sourceKey(source.project_id, source.id), now);
      toast({ message: "Saved." });
      await client.invalidateQueries({ queryKey: sourcesKey(source.project_id) });
    },
  });
  const beside = errorBeside(save.error, "title", "tags", "refresh_interval", "external_id");
  return (
    <Card>
      <div className={style.form}>
        <Form onSubmit={() => save.mutate()}>
          <TextInput label="Title" optional hint="Visitors see it where an answer cites this source. Without one, each document’s own title is shown." value={title} error={errorAt(save.error, "title")} onChange={(event) => setTitle(event.target.value)} />
          <CommonFields value={common} error={save.error} hasOrigin={hasOrigin} onChange={setCommon} />
          <TextInput label="Your own id" optional hint="For programs: adding a source with the same id changes this one." value={externalId} autoComplete="off" error={errorAt(save.error, "external_id")} onChange={(event) => setExternalId(event.target.value)} />
          {beside && <ErrorNote error={beside} />}
          <FormActions>
            <Button kind="primary" type="submit" pending={save.isPending}>
              Save
            </Button>
          </FormActions>
        </Form>
      </div>
    </Card>
  );
}
