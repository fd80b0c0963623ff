// What changes something carries the CSRF token of this browser's session.
window.beforeEachRequest.push(async (request) => {
  const reads = ["GET", "HEAD", "OPTIONS"].includes((request.method || "GET").toUpperCase());
  if (!reads && !request.headers.Authorization) {
    const answer = await fetch("/auth/csrf");
    request.headers["X-CSRF-Token"] = (await answer.json()).csrf_token;
  }
  return request;
});
