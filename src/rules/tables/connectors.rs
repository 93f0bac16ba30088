//! The connectors of data that the Azure-Sentinel repository knows (`ValidConnectorIds.json`, 2025).

/// The ids of all connectors.
pub fn connectors() -> impl Iterator<Item = &'static str> {
    CONNECTORS.split_ascii_whitespace()
}

const CONNECTORS: &str = "\
    1Password 42CrunchAPIProtection Agari AIVectraDetect AIVectraDetectAma AIVectraStream \
    AkamaiSecurityEvents AlcideKAudit AlsidForAD ApacheHTTPServer ApacheTomcat \
    ARGOSCloudSecurity AristaAwakeSecurity Armorblox ArubaClearPass ASimDnsActivityLogs \
    AtlassianBeaconAlerts Authomize AWS AWSS3 AWSVPCFlow AzureActiveDirectory \
    AzureActiveDirectoryIdentityProtection AzureActivity AzureAdvancedThreatProtection \
    AzureCloudNGFWByPaloAltoNetworks AzureFirewall AzureInformationProtection AzureKeyVault \
    AzureKubernetes AzureMonitor(IIS) AzureMonitor(VMInsights) AzureMonitor(WireData) AzureNSG \
    AzureSecurityCenter AzureSql AzureStorageAccount Barracuda BarracudaCloudFirewall \
    BehaviorAnalytics BetterMTD BeyondSecuritybeSECURE Bitglass BitSight \
    BlackberryCylancePROTECT BloodHoundEnterprise BoschAIShield BoxDataConnector \
    BroadcomSymantecDLP CBSPollingIDAzureFunctions CEF CefAma CheckPoint CiscoASA CiscoAsaAma \
    CiscoDuoSecurity CiscoFirepowerEStreamer CiscoISE CiscoMeraki CiscoSDWAN CiscoSecureEndpoint \
    CiscoSEG CiscoSEGAma CiscoUCS CiscoUmbrellaDataConnector CiscoWSA Citrix CitrixWAF Claroty \
    ClarotyAma CloudflareDataConnector CognniSentinelDataConnector CommvaultSecurityIQ_CL \
    ContrastADR ContrastProtect ContrastProtectAma Corelight CorelightConnectorExporter \
    CortexXDR CrowdStrikeFalconEndpointProtection CrowdStrikeFalconEndpointProtectionAma CTERA \
    CustomLogsAma CyberArk CyberArkEPM CyberpionSecurityLogs CynerioSecurityEvents Darktrace \
    DarktraceRESTConnector DataminrPulseAlerts Dataverse DDOS DelineaSecretServer_CEF \
    DigitalGuardianDLP DigitalShadows DNS DragosSitestoreCCP Dynamics365 Dynamics365Finance \
    DynatraceAttacks DynatraceAuditLogs DynatraceProblems DynatraceRuntimeVulnerabilities \
    EgressDefend ESETEnterpriseInspector ESETPROTECT EsetSMC ESI-ExchangeAdminAuditLogEvents \
    ExtraHop ExtraHopNetworks F5 F5BigIp Flare ForcepointCasb ForcepointDlp ForcepointNgfw \
    ForgeRock Fortinet FortinetAma FortinetFortiWebAma FortiWeb GCPAuditLogsDefinition \
    GCPDNSDataConnector GCPIAMDataConnector GoogleWorkspaceReportsAPI GreyNoise2SentinelAPI \
    GWorkspaceRAPI HVPollingIDAzureFunctions IdentityInfo IllumioSaaSDataConnector Illusive \
    illusiveAttackManagementSystem illusiveAttackManagementSystemAma ImpervaWAFCloudAPI \
    ImpervaWAFGateway ImportedConnector InfobloxCloudDataConnector InfobloxCloudDataConnectorAma \
    InfobloxNIOS InfobloxSOCInsightsDataConnector_AMA InfobloxSOCInsightsDataConnector_API \
    InfobloxSOCInsightsDataConnector_Legacy IoT IronNetIronDefense ISCBind JamfProtect \
    JiraAuditAPI JuniperSRX LastPass LookoutAPI McAfeeePO MicrosoftAzurePurview \
    MicrosoftCloudAppSecurity MicrosoftDefenderAdvancedThreatProtection \
    MicrosoftDefenderForCloudTenantBased MicrosoftDefenderThreatIntelligence \
    MicrosoftSysmonForLinux MicrosoftThreatProtection MimecastAuditAPI MimecastSEGAPI \
    MimecastSIEMAPI MimecastTTPAPI MorphisecUTPP NasuniEdgeAppliance \
    Netclean_ProActive_Incidents Netskope NetskopeDataConnector \
    NetskopeWebTransactionsDataConnector NGINXHTTPServer NXLogDnsLogs NXLogLinuxAudit OCILogs \
    Office365 OfficeATP OktaSSO OktaSSOv2 OnapsisPlatform OneIdentity \
    OracleCloudInfrastructureLogsConnector OracleDatabaseAudit OracleWebLogicServer \
    OrcaSecurityAlerts PaloAltoCDL PaloAltoCDLAma PaloAltoNetworks PaloAltoNetworksAma \
    PaloAltoPrismaCloud Perimeter81ActivityLogs PingFederate PingFederateAma PostgreSQL \
    PowerAutomate PowerPlatformAdmin PrancerLogData ProofpointPOD ProofpointTAP \
    ProofpointTAPNativePoller PulseConnectSecure QualysKB QualysVulnerabilityManagement \
    RadiflowIsid RedCanaryDataConnector RidgeBotDataConnector SailPointIdentityNow \
    SalesforceServiceCloud SamsungDCDefinition SAP SAPBTPAuditEvents SAPETDAlerts SAPLogServ \
    SecurityEvents SemperisDSP SenservaPro SentinelOne SilverfortAma SlackAuditAPI Snowflake \
    SonicWallFirewall SonraiDataConnector SophosCloudOptix SophosXGFirewall \
    SquadraTechnologiesSecRmm SquidProxy Symantec SymantecEndpointProtection SymantecProxySG \
    SymantecVIP Syslog SyslogAma Tenable.ad TenableIE TenableVM Theom ThreatIntelligence \
    ThreatIntelligenceTaxii ThreatIntelligenceUploadIndicatorsAPI TrendMicro TrendMicroApexOne \
    TrendMicroApexOneAma TrendMicroCAS TrendMicroTippingPoint TrendMicroXDR UbiquitiUnifi \
    ValenceSecurity vArmourAC vArmourACAma vCenter VectraXDR VMwareCarbonBlack VMwareESXi \
    VMwareSDWAN Votiro WAF WindowsFirewall WindowsFirewallAma WindowsForwardedEvents \
    WindowsSecurityEvents WireX_Systems_NFP Workday ZeroFox_Alert_Polling \
    ZeroNetworksSegmentAuditFunction ZeroNetworksSegmentAuditNativePoller ZimperiumMtdAlerts \
    Zscaler ZscalerAma ZscalerPrivateAccess";
