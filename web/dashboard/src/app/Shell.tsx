import { Menu as MenuIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";

import { can, useMe } from "../api";
import { Drawer, IconButton } from "../design";
import { AccountMenu } from "./AccountMenu";
import { AREAS } from "./areas";
import { Mark } from "./Mark";
import { InProject } from "./project";
import { ProjectSwitcher } from "./ProjectSwitcher";
import style from "./Shell.module.css";

const MAIN = "main";

/** Everything around a project's pages: where one is, where one can go, who one is. */
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
        <InProject>
          <Outlet />
        </InProject>
      </main>
    </div>
  );
}

function Navigation() {
  const role = useMe().organization?.role ?? null;
  const base = useLocation().pathname.split("/").slice(0, 3).join("/");
  return (
    <nav aria-label="Areas">
      <ul className={style.areas}>
        {AREAS.filter((area) => can(role, area.needs)).map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <NavLink to={`${base}/${path}`} className={style.area ?? ""}>
              <Icon size={18} aria-hidden />
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
