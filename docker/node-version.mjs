// Stops with a plain sentence when Node is older than the build needs.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed; this is ${process.version}`);
  process.exit(1);
}
