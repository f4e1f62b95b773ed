/** What firedrill takes from the environment. This folder alone reads it. */
export interface Environment {
  /** FIREDRILL_CONFIG: the configuration when none is named on the command line. */
  configFile: string | undefined;
  /** DOCKER_HOST: `unix:///path` or `tcp://host:port`. */
  dockerHost: string | undefined;
  /** DISPLAY or WAYLAND_DISPLAY: there is a screen that a browser could open on. */
  hasScreen: boolean;
  /** A secret that the configuration keeps in a variable; undefined when it is not set or empty. */
  secret(name: string): string | undefined;
}

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const value = (name: string) => variables[name] || undefined;
  return {
    configFile: value('FIREDRILL_CONFIG'),
    dockerHost: value('DOCKER_HOST'),
    hasScreen: process.platform === 'darwin' || Boolean(value('DISPLAY') ?? value('WAYLAND_DISPLAY')),
    secret: value,
  };
}
