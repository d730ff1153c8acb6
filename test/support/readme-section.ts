/** The text of a README with what stands between the marks `<!-- name:begin -->` and `<!-- name:end -->` replaced; undefined when it has no marks. */
export const readmeWith = (name: string, readme: string, section: string): string | undefined => {
  const begin = `<!-- ${name}:begin -->`;
  const from = readme.indexOf(begin);
  const to = readme.indexOf(`<!-- ${name}:end -->`);
  if (from < 0 || to < from) return undefined;
  return `${readme.slice(0, from + begin.length)}\n${section}${readme.slice(to)}`;
};
