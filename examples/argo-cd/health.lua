-- Argo CD's health of a ReverbCluster: the configuration key resource.customizations.health.reverb.dev_ReverbCluster.
local status = {status = "Progressing", message = "waiting for the operator"}
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then return status end
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "Degraded" and condition.status == "True" then
    return {status = "Degraded", message = condition.message}
  end
  if condition.type == "Paused" and condition.status == "True" then
    return {status = "Suspended", message = condition.message}
  end
  if condition.type == "Ready" then
    status = {status = condition.status == "True" and "Healthy" or "Progressing", message = condition.message}
  end
end
return status
