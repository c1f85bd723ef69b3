/** @file A worker in plain JavaScript, so that no loader is needed: squares numbers, dies of "die", fails at "fail". */
let offset = 0;
process.on("message", (message) => {
  if ("start" in message) offset = message.start;
  else if (message.job === "die") process.exit(7);
  else if (message.job === "fail") process.send({ error: "cannot" });
  else process.send({ result: [process.pid, offset + message.job ** 2] });
});
