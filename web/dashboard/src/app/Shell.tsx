import { Menu as MenuIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";

import { can, useMe } from "../api";
import { Drawer, IconButton } from "../design";
import { AccountMenu } from "./AccountMenu";
import { AREAS, BESIDE, type Area } from "./areas";
import { Mark } from "./Mark";
import { useProjectId } from "./project";
import { ProjectSwitcher } from "./ProjectSwitcher";
import style from "./Shell.module.css";

const MAIN = "main";

/** Everything around the pages: where one is, where one can go, who one is. */
export function Shell() {
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  return (
    <div className={style.shell}>
      <a href={`#${MAIN}`} className={style.skip}>
        Skip to the page
      </a>
      <header className={style.bar}>
        <div className={style.opener}>
          <IconButton icon={MenuIcon} label="Navigation" onClick={() => setOpen(true)} />
        </div>
        <Mark />
        <ProjectSwitcher />
        <div className={style.account}>
          <AccountMenu />
        </div>
      </header>
      <aside className={style.side}>
        <Navigation />
      </aside>
      <Drawer title="Navigation" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Navigation />
      </Drawer>
      <main id={MAIN} tabIndex={-1} className={style.main}>
        <Outlet />
      </main>
    </div>
  );
}

function Navigation() {
  const role = useMe().organization?.role ?? null;
  const project = useProjectId();
  const areas = project === null ? [] : AREAS.filter((area) => can(role, area.needs));
  return (
    <nav aria-label="Areas">
      <Places base={`/projects/${project}`} areas={areas} />
      <Places base="" areas={BESIDE} />
    </nav>
  );
}

function Places({ base, areas }: { base: string; areas: readonly Pick<Area, "path" | "label" | "icon">[] }) {
  return (
    <ul className={style.areas}>
      {areas.map(({ path, label, icon: Icon }) => (
        <li key={path}>
          <NavLink to={`${base}/${path}`} className={style.area ?? ""}>
            <Icon size={18} aria-hidden />
            {label}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
