import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronsUpDown, Plus } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, can, keys, take, useKeysetList, useMe, useWelcome } from "../api";
import { Button, Menu, MenuChoice, MenuItem, MenuLine, useToast } from "../design";
import { NewProjectDialog } from "./NewProjectDialog";
import { forgetProject, useProjectId } from "./project";
import style from "./Shell.module.css";

const AT_ONCE = 100;

/** Which organisation and project one is in, and the way to the others. */
export function ProjectSwitcher() {
  const me = useMe();
  const id = useProjectId() ?? "";
  const navigate = useNavigate();
  const [isMaking, setMaking] = useState(false);
  const projects = useKeysetList(keys.projects, (cursor, signal) =>
    take(api.GET("/v1/projects", { params: { query: { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) } }, signal })),
  );
  const name = projects.rows.find((project) => project.id === id)?.name ?? "Projects";
  const trigger = (
    <Button kind="quiet">
      <span className={style.names}>
        <span className={style.organization}>{me.organization?.name ?? "No organisation"}</span>
        <span>{name}</span>
      </span>
      <ChevronsUpDown size={15} aria-hidden />
    </Button>
  );
  return (
    <div className={style.switcher}>
      <Menu align="start" trigger={trigger}>
        <MenuChoice label="Project" value={id} options={projects.rows.map((project) => ({ value: project.id, label: project.name }))} onChange={(value) => void navigate(`/projects/${value}`)} />
        {projects.hasMore && <MenuItem onSelect={projects.loadMore}>Load more projects</MenuItem>}
        {can(me.organization?.role ?? null, "*") && (
          <MenuItem icon={Plus} onSelect={() => setMaking(true)}>
            New project
          </MenuItem>
        )}
        <Organizations />
      </Menu>
      <NewProjectDialog isOpen={isMaking} onClose={() => setMaking(false)} />
    </div>
  );
}

/** The organisations a person belongs to, where there is more than one. */
function Organizations() {
  const me = useMe();
  const welcome = useWelcome();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { data } = useQuery({ queryKey: keys.organizations, queryFn: () => take(api.GET("/v1/organizations")) });
  const change = useMutation({
    mutationFn: (organizationId: string) => take(api.POST("/v1/auth/switch-organization", { body: { organization_id: organizationId } })),
    onSuccess: (now) => {
      forgetProject();
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
      welcome(now);
      void navigate("/");
    },
    onError: (error) => toast({ message: error.message }),
  });
  if (data === undefined || data.data.length < 2) return null;
  return (
    <>
      <MenuLine />
      <MenuChoice
        label="Organisation"
        value={me.organization?.id ?? ""}
        options={data.data.map((organization) => ({ value: organization.id, label: organization.name }))}
        onChange={(value) => change.mutate(value)}
      />
    </>
  );
}
