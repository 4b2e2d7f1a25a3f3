import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, can, errorAt, errorBeside, keys, take, useMe, useWelcome } from "../../api";
import { Alone } from "../../app/Alone";
import { Button, EmptyState, ErrorNote, Form, FormActions, PageHeader, TextInput } from "../../design";

const GIVEN_BY_INSTALL = "My organisation"; // its name until somebody gives it one: aivastark/commands/install.py

/** The first question after the first sign-in; a name is all that is needed. */
export function WelcomePage() {
  const me = useMe();
  const welcome = useWelcome();
  const navigate = useNavigate();
  const client = useQueryClient();
  const organization = me.organization;
  const [name, setName] = useState(organization === null || organization.name === GIVEN_BY_INSTALL ? "" : organization.name);
  const save = useMutation({
    mutationFn: async () => {
      const id = organization?.id ?? "";
      const named = await take(api.PATCH("/v1/organizations/{organization_id}", { params: { path: { organization_id: id } }, body: { name } }));
      const projects = await take(api.GET("/v1/projects", { params: { query: { limit: 1 } } }));
      if (projects.data.length === 0) await take(api.POST("/v1/projects", { body: { name } }));
      return named;
    },
    onSuccess: async (named) => {
      welcome({ ...me, organization: named });
      client.removeQueries({ queryKey: keys.projects });
      await navigate("/", { replace: true });
    },
  });
  if (organization === null || !can(organization.role ?? null, "*")) {
    return (
      <Alone>
        <PageHeader title="Nothing is shared with you yet" />
        <EmptyState title="There is no project for you">Ask whoever invited you: an owner or admin of your organisation makes projects.</EmptyState>
      </Alone>
    );
  }
  const beside = errorBeside(save.error, "name");
  return (
    <Alone>
      <PageHeader title={`Hello, ${me.user.name}`} words="What is your organisation called? Your team sees this name; you can change it later." />
      <Form onSubmit={() => save.mutate()}>
        <TextInput label="Organisation" autoComplete="organization" autoFocus value={name} error={errorAt(save.error, "name")} onChange={(event) => setName(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={save.isPending}>
            Go on
          </Button>
        </FormActions>
      </Form>
    </Alone>
  );
}
