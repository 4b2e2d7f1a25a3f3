import { useSearchParams } from "react-router";

/** Sets what a list is narrowed to, where the address keeps it; "" is all. */
export function useNarrow() {
  const [, setSearch] = useSearchParams();
  return (name: string, value: string) =>
    setSearch(
      (before) => {
        if (value === "") before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
}
