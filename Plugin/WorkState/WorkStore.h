// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/WorkState/AttemptTable.h"
#include "Plugin/WorkState/DeliveryQueue.h"
#include "Plugin/WorkState/ReportTable.h"
#include "Plugin/WorkState/RunQueue.h"
#include "Plugin/WorkState/ShadowTable.h"
#include "Plugin/WorkState/Task.h"
#include "Plugin/WorkState/WorkStoreTypes.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace H3K27M::WorkState
{
  // What is queued, running, done, failed, dead; the change-log cursor; audit. In SQLite beside Orthanc's index, or in
  // a PostgreSQL that several Orthancs share. Every method is one transaction: after a crash it happened or it did not,
  // and all can be repeated. Thread-safe: each call takes a connection of its own from a pool; in SQLite, which has
  // one writer at a time, those that write follow one another. Throws Error(Unavailable, retry) when the database does
  // not answer, Error(Corrupt) when its schema is unknown.
  class WorkStore
  {
  public:
    // Connects, checks the schema's version and migrates it under a lock; throws Error(Corrupt) when the schema is
    // newer than this program. `clock` must outlive the store. Never call it inside OrthancPluginInitialize.
    static std::unique_ptr<WorkStore> Open(const StoreOptions& options, const Support::IClock& clock);

    WorkStore(const WorkStore&) = delete;
    WorkStore& operator=(const WorkStore&) = delete;

    ~WorkStore();

    // --- what is to be done
    // Idempotent: the same study with the same fingerprint is not handled twice, whatever its state; another
    // fingerprint (late slices) queues it again, after the running attempt when there is one. `force` queues it again
    // even with the same fingerprint. A higher priority is taken over, a lower one is not. Returns what it did.
    EnqueueOutcome Enqueue(const EnqueueRequest& request);

    // A person asked for a study that has a task: what waits is due now, what failed, is dead or was cancelled is
    // queued again; done and refused tasks stay as they are. Throws Error(NotFound).
    Task Request(const std::string& studyId);

    // Only waiting tasks (Queued, Failed) whose notBefore has passed; highest priority, then oldest first. ONE
    // statement, so that no task is handed out twice. Empty when there is nothing to do.
    std::optional<Task> Claim(const std::string& owner, std::chrono::milliseconds lease,
                              ClaimScope scope = ClaimScope::All);

    // --- by the worker that holds the claim; all but Renew return false when the claim was lost (lease expired and
    // taken over, study forgotten), and then change nothing. Finish() orders what is to be sent on of a result.
    LeaseState Renew(const ClaimTicket& ticket, std::chrono::milliseconds lease);
    bool Finish(const ClaimTicket& ticket, const TaskResult& result);
    bool Refuse(const ClaimTicket& ticket, const std::string& reason, const TaskResult& result);
    bool Fail(const ClaimTicket& ticket, const std::string& reason, bool canRetry, const RetryPolicy& policy);
    bool FinishCancelled(const ClaimTicket& ticket, const std::string& reason);
    bool Release(const ClaimTicket& ticket);  // orderly stop: queued again, the attempt does not count

    // --- by people. Throw Error(NotFound), Error(Conflict).
    // Waiting: cancelled at once; running: Renew() tells its worker. Otherwise Conflict.
    Task Cancel(std::int64_t taskId, const std::string& reason);

    // All that wait at `priority`, in steps of so many, so that others write between them. Returns how many.
    std::size_t CancelWaiting(Priority priority, const std::string& reason, std::size_t step = 5'000);

    // Queues a task again that is not running (running: Conflict; queued: it only counts as asked for).
    Task Retry(std::int64_t taskId);

    // --- recovery. Tasks whose lease expired, and, with an owner, those it still holds from before it was killed, are
    // queued again; `maxInterruptions` of them in a row make a task dead. `alive` are claims that the caller's workers
    // hold: theirs to renew, even when the database was away for a whole lease. Returns how many.
    std::size_t RecoverLeases(const std::optional<std::string>& owner, unsigned maxInterruptions,
                              const std::vector<ClaimTicket>& alive = {});

    // --- the time of day, see Pipeline/ClockGuard.h. Return how many studies and deliveries that changed.
    // What is queued waits no longer than `queued` from now, what failed and is to be sent on no longer than `failed`.
    std::size_t LimitWaits(std::chrono::milliseconds queued, std::chrono::milliseconds failed);

    // The clock was set back by so much: what was written by the clock of before waits, and is held, for as much less.
    // Once, whoever of several Orthancs calls it.
    std::size_t ShortenWaits(std::chrono::milliseconds by);

    // The study was deleted from the PACS: its task and all that is kept beside it go, all or none. False when there
    // was no task.
    bool Forget(const std::string& studyId);

    // Only the images of the study were deleted: its task goes; what people said of it stands in the PACS and stays.
    bool ForgetTask(const std::string& studyId);

    // --- reading
    std::optional<Task> Find(std::int64_t taskId);
    std::optional<Task> FindByStudy(const std::string& studyId);
    std::vector<std::string> FindStudiesOfSeries(std::span<const std::string> seriesIds);
    std::vector<std::string> FindKnown(std::span<const std::string> studyIds);  // which of them have a task
    TaskPage List(const TaskQuery& query);
    TaskCounters GetCounters();

    // Earliest notBefore of the waiting tasks; empty when none waits. For workers that would otherwise poll.
    std::optional<UnixMs> GetNextDue();

    // --- what people say of a study, and draw: a copy of the report, of the mask in force
    LabelTable& GetLabels();
    ReviewTable& GetReviews();
    MaskTable& GetMasks();

    // --- runs of the engine: snapshots of data, trainings, experiments
    RunQueue& GetRuns();

    // --- results that are to be sent on
    DeliveryQueue& GetDeliveries();

    // --- what a candidate says beside the model in force; how the attempts at a study ended
    ShadowTable& GetShadows();
    AttemptTable& GetAttempts();

    // --- change-log cursor and other values by key
    std::optional<std::string> GetValue(const std::string& key);
    void SetValue(const std::string& key, const std::string& value);

    // Where the key has no value yet. Returns what it has then: of several at once, what the first one set.
    std::string SetValueOnce(const std::string& key, const std::string& value);

    // Sets `values` and adds `entry` to the audit, all or nothing. False, and nothing is written, where the value of
    // the first key is not `expected` (nothing: it has none): somebody else has changed it.
    bool ExchangeValues(const std::optional<std::string>& expected,
                        const std::vector<std::pair<std::string, std::string>>& values, const AuditEntry& entry);
    std::optional<std::int64_t> GetCursor(const std::string& name);
    void AdvanceCursor(const std::string& name, std::int64_t sequence);  // never goes back

    // --- audit: only ever appended. What is older than StoreOptions::auditDays is never listed, and removed at the
    // start, or with a later entry, once another entry that is a day old is so much younger (AuditTable.h says why).
    void AppendAudit(const AuditEntry& entry);
    std::vector<AuditEntry> ListAudit(const AuditQuery& query);

    // "sqlite" | "postgresql", and where, without secrets: for /status.
    std::string GetDescription() const;

  private:
    class Implementation;

    explicit WorkStore(std::unique_ptr<Implementation> implementation);

    std::unique_ptr<Implementation> implementation_;
  };
}
