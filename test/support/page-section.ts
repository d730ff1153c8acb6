/** The text of a page with what stands between the marks `<!-- name:begin -->` and `<!-- name:end -->` replaced; undefined when it has no marks. */
export const withSection = (name: string, page: string, section: string): string | undefined => {
  const begin = `<!-- ${name}:begin -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(`<!-- ${name}:end -->`);
  if (from < 0 || to < from) return undefined;
  return `${page.slice(0, from + begin.length)}\n${section}${page.slice(to)}`;
};
