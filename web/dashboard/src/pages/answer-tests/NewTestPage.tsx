import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, take, type Wire } from "../../api";
import { useProject } from "../../app/project";
import { Page, PageHeader, useToast } from "../../design";
import style from "./AnswerTests.module.css";
import { testsKey } from "./test";
import { TestForm } from "./TestForm";

/** Adds a question to keep an eye on. */
export function NewTestPage() {
  const { id } = useProject();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const add = useMutation({
    mutationFn: (body: Wire["NewAnswerTest"]) => take(api.POST("/v1/projects/{project_id}/answer-tests", { params: { path: { project_id: id } }, body })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: testsKey(id) });
      toast({ message: "Test added. Run the tests to ask it now." });
      await navigate(`/projects/${id}/answer-tests`);
    },
  });
  return (
    <Page>
      <PageHeader title="Add a test" back={{ to: `/projects/${id}/answer-tests`, label: "Answer tests" }} />
      <div className={style.narrow}>
        <TestForm action="Add test" pending={add.isPending} error={add.error} onSend={(body) => add.mutate(body)} />
      </div>
    </Page>
  );
}
